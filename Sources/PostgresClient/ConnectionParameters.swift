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
    /// Which of several servers is looked for; nil where the first that answers will do, or libpq is told.
    let preference: ServerRole?
    /// Whether a server that takes changes is looked for at all.
    let mayFindPrimary: Bool
    /// The file of passwords, where it is not read since others can read it.
    private(set) var openPasswordFile: String?
    /// Where the password comes from; nil where it is among the values, or libpq finds it.
    private(set) var passwordSource: (any PasswordSource)?

    /// Reads a URL or a `key=value` string as libpq does; SQLAlchemy's spellings of the scheme are understood.
    ///
    /// Loopback and Unix sockets are not remote. Elsewhere, where neither the string nor PGSSLMODE names an sslmode,
    /// it is `verify-full` with the certificates of `~/.postgresql/root.crt`, else the system's; modes that may send in the clear throw
    /// `PostgresError.insecureConnection` unless `allowUnencrypted`. An empty string means libpq's own defaults (PG*,
    /// service, pgpass). PGOPTIONS is never used: it could set a search_path.
    public init(
        _ connectionString: String, applicationName: String, allowUnencrypted: Bool = false,
        environment: [String: String]
    ) throws {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var values = try AddressText(connectionString).parameters()
        let ownOptions = values["options"] ?? ""
        values["service"] = values["service"] ?? variable("PGSERVICE")
        let hasService = values["service"] != nil
        let service = hasService ? ServiceFile.parameters(of: ConnectionHandle.text(of: values)) : [:]
        values.merge(service ?? [:]) { own, _ in own }
        if !hasService {
            // Here rather than by libpq, since each host is tried by itself.
            for (name, source) in Self.placeVariables where values[name] == nil { values[name] = variable(source) }
        }
        // “ENGINE:KEY” would have libpq load a library of that name into this process.
        if (values["sslkey"] ?? variable("PGSSLKEY"))?.contains(":") == true {
            throw PostgresError.invalidConnectionString(
                reason: "sslkey must be the path of a file, without a colon in it")
        }
        values["application_name"] = applicationName
        values["client_encoding"] = "UTF8"
        let attributes = values["target_session_attrs"] ?? variable("PGTARGETSESSIONATTRS")
        preference = ServerRole(wanted: attributes)
        if preference == .standby { values["target_session_attrs"] = "any" }
        mayFindPrimary = !["standby", "read-only", "prefer-standby"].contains(attributes)
        values["options"] = ownOptions
        for (name, value) in Self.keepalive where values[name] == nil { values[name] = value }
        // An unknown service is reported on connecting.
        isRemote = service == nil || Self.isRemote(values)
        let chosen = values["sslmode"] ?? variable("PGSSLMODE")
        if isRemote {
            sslMode = chosen ?? "verify-full"
            if ["disable", "allow", "prefer"].contains(sslMode), !allowUnencrypted {
                throw PostgresError.insecureConnection(sslMode: sslMode)
            }
            if sslMode.hasPrefix("verify"), values["sslrootcert"] == nil, variable("PGSSLROOTCERT") == nil,
                !Self.hasOwnAuthority(environment)
            {
                values["sslrootcert"] = Self.certificateBundles.first { access($0, R_OK) == 0 }
            }
        } else {
            sslMode = chosen ?? "prefer"
        }
        values["sslmode"] = sslMode
        openPasswordFile = PasswordFile.openToOthers(values, environment)
        // A file that is not there, so that libpq keeps its warning to itself.
        if let openPasswordFile { values["passfile"] = openPasswordFile + "/not read" }
        self.values = values
    }

    /// The same with the password from there alone, if there is such a source.
    package func withPassword(from source: (any PasswordSource)?) -> ConnectionParameters {
        guard let source else { return self }
        var parameters = self
        parameters.passwordSource = source
        parameters.values["password"] = nil
        parameters.openPasswordFile = nil
        return parameters
    }

    /// Says nothing of its contents.
    public var description: String { "<connection parameters>" }

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

    /// Where it leads, in words.
    var place: String { candidates.map(Self.place).joined(separator: "; ") }

    static func place(_ values: [String: String]) -> String {
        "\(values["host"] ?? "the server"), port \(values["port"] ?? "5432")"
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

    /// What says where to go, and the variables that stand in for it.
    private static let placeVariables = [
        ("host", "PGHOST"), ("hostaddr", "PGHOSTADDR"), ("port", "PGPORT"), ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ]

    /// libpq's own place for the certificate of an authority, which it takes unless told otherwise.
    private static func hasOwnAuthority(_ environment: [String: String]) -> Bool {
        environment["HOME"].map { access($0 + "/.postgresql/root.crt", R_OK) == 0 } ?? false
    }

    private static func isRemote(_ values: [String: String]) -> Bool {
        // The address is what is connected to, even where a host is named.
        let hosts = values["hostaddr"] ?? values["host"] ?? ""
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
