import Glibc

/// The file of passwords that libpq reads.
enum PasswordFile {
    /// Its path where it is open to others, or no file. libpq does not read it then, and writes so to standard error, each
    /// time, where a screen may stand.
    static func openToOthers(_ values: [String: String], _ environment: [String: String]) -> String? {
        func given(_ value: String?) -> String? { value.flatMap { $0.isEmpty ? nil : $0 } }
        let home = given(environment["HOME"]).map { $0 + "/.pgpass" }
        guard values["password"] == nil,
            let path = given(values["passfile"]) ?? given(environment["PGPASSFILE"]) ?? home
        else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        return isFile && status.st_mode & 0o077 == 0 ? nil : path
    }
}
