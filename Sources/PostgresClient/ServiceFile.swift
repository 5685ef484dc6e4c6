internal import CLibpq

/// What libpq reads for a service, from the service files of the user and the system.
enum ServiceFile {
    /// The parameters that the service sets, or the environment or the string itself; nil where there is no such service.
    ///
    /// libpq reads the file only on connecting, so it is made to: a parameter that it refuses ends that before it looks for
    /// a host.
    static func parameters(of connectionInfo: String) -> [String: String]? {
        // Nor does it look for a password.
        let refused = " passfile='/nonexistent' gssencmode='none of them'"
        guard let probe = PQconnectStart(connectionInfo + refused) else { return nil }
        defer { PQfinish(probe) }
        guard !String(cString: PQerrorMessage(probe)).contains("service"), let options = PQconninfo(probe) else {
            return nil
        }
        defer { PQconninfoFree(options) }
        // What is nobody's choice but built in is left open. The password libpq finds again itself.
        return AddressText.values(of: options) { option in
            let name = String(cString: option.keyword)
            let isBuiltIn =
                option.compiled.map { built in option.val.map { String(cString: $0) == String(cString: built) } ?? true
                }
                ?? false
            let isLeftToLibpq = ["password", "passfile", "gssencmode"].contains(name)
            return !isBuiltIn && !isLeftToLibpq && option.val.map { $0.pointee != 0 } ?? false
        }
    }
}
