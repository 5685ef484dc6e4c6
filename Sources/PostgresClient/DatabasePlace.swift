/// Which database an address leads to, as far as the address says so itself: whoever signs in there.
public struct DatabasePlace: Equatable, Sendable {
    private let host: String
    private let port: String
    private let database: String
    private let service: String?
    /// Whether it says the password too, or names the file that has it.
    public let saysPassword: Bool
    /// The variables of libpq that would decide something of it, each with what the address leaves open.
    public let leftOpen: [(variable: String, what: String)]

    /// Reads a URL or a `key=value` string. Throws where it is neither.
    public init(_ connectionString: String) throws(PostgresError) {
        let values = try AddressText(connectionString).parameters()
        func value(_ key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }
        let name = value("hostaddr") ?? value("host") ?? "localhost"
        host = ["localhost", "127.0.0.1", "::1"].contains(name.lowercased()) ? "localhost" : name.lowercased()
        port = value("port") ?? "5432"
        service = value("service")
        saysPassword = value("password") != nil || value("passfile") != nil
        // libpq's own rule where no service says it.
        database = value("dbname") ?? (service == nil ? value("user") : nil) ?? ""
        var open = [
            ("PGHOST", "host", "host"), ("PGHOSTADDR", "hostaddr", "host’s address"), ("PGPORT", "port", "port"),
            ("PGDATABASE", "dbname", "database’s name"),
        ].filter { value($0.1) == nil }.map { (variable: $0.0, what: $0.2) }
        // What a service leaves open is not known here; nor is which file it is read from, where that is not the usual one.
        open +=
            service == nil
            ? [("PGSERVICE", "service")] : [("PGSERVICEFILE", "service’s file"), ("PGSYSCONFDIR", "service’s file")]
        // The database is called as its user is, where nothing else is said.
        if value("dbname") == nil, value("user") == nil { open.append(("PGUSER", "database’s name")) }
        leftOpen = open
    }

    /// Whether both say the same place.
    public static func == (one: DatabasePlace, other: DatabasePlace) -> Bool {
        (one.host, one.port, one.database, one.service) == (other.host, other.port, other.database, other.service)
    }
}
