extension PrivateCluster {
    /// How to connect over the socket, in libpq's key=value form; `user` is the first role where it is nil.
    public func connectionString(database: String, user: String? = nil) -> String {
        ConnectionString.text([
            ("host", socketDirectory), ("port", String(port)), ("user", user ?? superuser), ("dbname", database),
        ])
    }
}

/// libpq's key=value form.
enum ConnectionString {
    static func text(_ parameters: [(name: String, value: String)]) -> String {
        parameters.map { "\($0.name)=\(quoted($0.value))" }.joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        let needsNone =
            !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\\") }
        if needsNone { return value }
        var text = "'"
        for scalar in value.unicodeScalars {
            if scalar == "'" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text + "'"
    }
}
