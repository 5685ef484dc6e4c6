internal import CLibpq
import Glibc

/// Where and how to connect: libpq's parameters, with the rules for TLS applied.
///
/// Not printable, since a password may be among them.
public struct ConnectionParameters: Sendable, CustomStringConvertible {
    var values: [String: String]
    /// Whether any of the hosts is reached over a network, that is, neither by a Unix socket nor by loopback.
    public let isRemote: Bool
    /// The sslmode in force.
    public let sslMode: String

    /// Reads a URL or a `key=value` string as libpq does; SQLAlchemy's spellings of the scheme are understood.
    ///
    /// Loopback and Unix sockets are not remote. Elsewhere, where neither the string nor PGSSLMODE names an sslmode,
    /// it is `verify-full` with the system's certificates; modes that may send in the clear throw
    /// `PostgresError.insecureConnection` unless `allowUnencrypted`. An empty string means libpq's own defaults (PG*,
    /// service, pgpass). PGOPTIONS is never used: it could set a search_path.
    public init(
        _ connectionString: String, applicationName: String, allowUnencrypted: Bool = false,
        environment: [String: String]
    ) throws {
        var values = try ConnectionParameters.parse(ConnectionParameters.normalised(connectionString))
        values["application_name"] = applicationName
        values["client_encoding"] = "UTF8"
        values["options"] = values["options"] ?? ""
        for (name, value) in ConnectionParameters.keepalive where values[name] == nil { values[name] = value }
        isRemote = ConnectionParameters.isRemote(values, environment)
        let chosen = values["sslmode"] ?? environment["PGSSLMODE"].flatMap { $0.isEmpty ? nil : $0 }
        if isRemote {
            sslMode = chosen ?? "verify-full"
            if ["disable", "allow", "prefer"].contains(sslMode), !allowUnencrypted {
                throw PostgresError.insecureConnection(sslMode: sslMode)
            }
            if sslMode.hasPrefix("verify"), values["sslrootcert"] == nil, environment["PGSSLROOTCERT"] == nil {
                values["sslrootcert"] = ConnectionParameters.certificateBundles.first { access($0, R_OK) == 0 }
            }
        } else {
            sslMode = chosen ?? "prefer"
        }
        values["sslmode"] = sslMode
        self.values = values
    }

    /// Says nothing of its contents.
    public var description: String { "<connection parameters>" }

    /// The name of the database, where one is given.
    public var database: String? { values["dbname"] }

    /// One set of parameters for each host named, in order; libpq's asynchronous connect has no time limit of its
    /// own for each.
    var candidates: [[String: String]] {
        func list(_ name: String) -> [String] {
            (values[name] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let hosts = list("host"), addresses = list("hostaddr"), ports = list("port")
        let count = max(hosts.count, addresses.count, 1)
        guard count > 1 else { return [values] }
        return (0..<count).map { index in
            var one = values
            one["host"] = index < hosts.count ? hosts[index] : nil
            one["hostaddr"] = index < addresses.count ? addresses[index] : nil
            one["port"] = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : nil
            return one
        }
    }

    /// Seconds to wait for each host.
    var connectTimeout: Int { values["connect_timeout"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? 10 }

    /// A dead peer is noticed within about half a minute (tcp(7); tcp_user_timeout is in milliseconds).
    private static let keepalive = [
        "keepalives": "1", "keepalives_idle": "20", "keepalives_interval": "5", "keepalives_count": "3",
        "tcp_user_timeout": "30000", "gssencmode": "disable",
    ]

    /// Where Debian, Red Hat and Alpine keep the certificates that the system trusts.
    private static let certificateBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    private static func normalised(_ text: String) -> String {
        for scheme in ["postgresql+", "postgres+"] where text.hasPrefix(scheme) {
            if let end = text.firstRange(of: "://") { return "postgresql" + text[end.lowerBound...] }
        }
        return text
    }

    private static func parse(_ text: String) throws -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            // libpq's message quotes the part it stumbled over, which may be the password.
            PQfreemem(message)
            throw PostgresError.invalidConnectionString(
                reason: "it is neither a URL like postgresql://user@host/database nor a list of key=value")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    private static func isRemote(_ values: [String: String], _ environment: [String: String]) -> Bool {
        func setting(_ keyword: String, _ variable: String) -> String? {
            values[keyword] ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
        // A service's file may name any host, and an address there goes before a host named here.
        if setting("service", "PGSERVICE") != nil, values["hostaddr"] == nil { return true }
        // The address is what is connected to; it comes from the environment even where the host is named here.
        let hosts = setting("hostaddr", "PGHOSTADDR") ?? setting("host", "PGHOST") ?? ""
        return hosts.split(separator: ",").contains { host in
            !(host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
                || isLoopbackAddress(String(host)))
        }
    }

    /// Whether `host` is an IPv4 address of 127.0.0.0/8; a name such as `127.evil.example` is none.
    private static func isLoopbackAddress(_ host: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }
}
