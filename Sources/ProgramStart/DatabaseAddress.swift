import OperatingSystem

/// Where the database is, in the ways in which the application and its guide say it.
public enum DatabaseAddress {
    /// The address that the environment names, or nil: CONVONET_DB_URI, DATABASE_URL, DB_URI, then the five of the
    /// guide's script, where at least one of them is set.
    public static func fromEnvironment(_ environment: [String: String]) -> String? {
        for name in ["CONVONET_DB_URI", "DATABASE_URL", "DB_URI"] {
            if let url = environment[name], !url.allSatisfy({ $0.isWhitespace || $0 == "'" || $0 == "\"" }) {
                return url
            }
        }
        func value(_ name: String) -> String? {
            guard let value = environment[name], !value.isEmpty else { return nil }
            // An orchestrator sets DB_PORT to such an address where there is a service of the name "db".
            return name == "DB_PORT" && value.contains("://") ? nil : value
        }
        guard ["DB_USER", "DB_PASSWORD", "DB_HOST", "DB_PORT", "DB_NAME"].contains(where: { value($0) != nil })
        else { return nil }
        return keywords(
            host: value("DB_HOST") ?? "localhost", port: value("DB_PORT") ?? "5432",
            name: value("DB_NAME") ?? "convonet",
            user: value("DB_USER") ?? "postgres", password: value("DB_PASSWORD"))
    }

    /// The variables that name it, where any is set; none is quoted, since it may hold a password.
    public static func source(_ environment: [String: String]) -> String? {
        guard fromEnvironment(environment) != nil else { return nil }
        for name in ["CONVONET_DB_URI", "DATABASE_URL", "DB_URI"]
        where fromEnvironment(environment.filter { $0.key == name }) != nil { return name }
        return "DB_HOST and related variables"
    }

    /// libpq's list of key=value; what is nil or empty is left to libpq.
    static func keywords(host: String?, port: String?, name: String?, user: String?, password: String?) -> String {
        [("host", host), ("port", port), ("dbname", name), ("user", user), ("password", password)]
            .compactMap { key, value in
                guard let value, !value.isEmpty else { return nil }
                return "\(key)='\(value.escaping(["\\": "\\\\", "'": "\\'"]))'"
            }
            .joined(separator: " ")
    }
}
