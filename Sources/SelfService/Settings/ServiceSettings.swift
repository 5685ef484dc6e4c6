internal import ConvonetCore
import ConvonetDatabase
internal import Glibc
internal import PostgresClient
internal import ProgramStart

/// Everything that can be set for the program, after environment and file were put together.
struct ServiceSettings: Sendable {
    private static let table = "self_service"

    /// How to reach the database.
    var connectionString = ""
    /// Whether a connection to it over a network may be unencrypted.
    var allowsUnencrypted = false
    /// The address to listen on.
    var listen = "127.0.0.1"
    /// The port; 0: one that is free.
    var port = 8080
    /// What every path begins with, such as `/api`; empty: nothing.
    var prefix = ""
    /// The page that links lead to.
    var publicURL = ""
    /// Whose pages may ask from a browser.
    var allowedOrigins: [String] = []
    /// Whose X-Forwarded-For is believed.
    var trustedProxies: [AddressRange] = []
    /// PEM files of a certificate's chain and its key; without, what is sent is in the clear.
    var tls: (certificate: String, key: String)?
    /// The command that takes mail.
    var sendmail = ["/usr/sbin/sendmail", "-t", "-i"]
    /// The command that sends a code to a telephone; nil where there is none.
    var sendCode: [String]?
    /// The From of mail.
    var mailFrom = ""
    /// The directory of the site's own templates.
    var mailTemplates: String?
    /// What the application is called in mail and on the page.
    var serviceName = "Convonet"
    /// The key of the application's access tokens; without, nobody changes a password by one.
    var tokenKey: String?
    /// The file of leaked passwords; nil where there is none.
    var breachedPasswords: String?
    /// The most connections to the database.
    var databaseConnections = 8
    /// How many passwords are hashed at once.
    var hashingThreads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    /// How many wait for that, before more are turned away.
    var hashingQueue = 32
    /// The most connections from outside.
    var maximumConnections = 1024
    /// The most of them that one address may have, unless it is a trusted proxy.
    var connectionsPerAddress = 64
    /// Where metrics are served; nil where they are not.
    var metrics: MetricsAddress?

    /// Puts file and environment together; `explicitFile` is what `--config` names, `named` what `--environment` does.
    static func load(
        explicitFile: String?, named: String? = nil, environment: [String: String]
    ) throws(SettingsError) -> ServiceSettings {
        var settings = ServiceSettings()
        let path = try SettingsDocument.path(explicit: explicitFile, environment: environment)
        let file = try path.map { path throws(SettingsError) in try SettingsDocument(reading: path) }
        if let file { try settings.apply(file) }
        switch try DatabaseChoice.of(file, option: named, environment: environment) {
        case .top: break
        case .variable: settings.connectionString = DatabaseAddress.fromEnvironment(environment) ?? ""
        case .environment(let name): if let file { try settings.apply(name, of: file, environment) }
        }
        if let key = environment["JWT_SECRET_KEY"], !key.isEmpty { settings.tokenKey = key }
        try settings.checkWhatIsNeeded(path ?? "config.toml")
        return settings
    }

    mutating func apply(_ file: SettingsDocument) throws(SettingsError) {
        connectionString = try file.databaseAddress() ?? connectionString
        allowsUnencrypted = try file.bool("allow_unencrypted", in: "database") ?? allowsUnencrypted
        listen = try file.text("listen", in: Self.table) ?? listen
        guard IPAddress(listen) != nil else {
            throw file.wrong("listen", in: Self.table, "must be an IP address, such as \"127.0.0.1\" or \"::\"")
        }
        port = try file.integer("port", in: Self.table, 0...65535, "a port number") ?? port
        prefix = try file.text("prefix", in: Self.table) ?? prefix
        guard prefix.isEmpty || (prefix.hasPrefix("/") && !prefix.hasSuffix("/") && Self.isPlain(prefix)) else {
            throw file.wrong("prefix", in: Self.table, "must start with / and not end with it, such as \"/api\"")
        }
        publicURL = try file.text("public_url", in: Self.table) ?? publicURL
        allowedOrigins = try file.texts("allowed_origins", in: Self.table) ?? []
        for origin in allowedOrigins where !Self.isOrigin(origin) {
            throw file.wrong("allowed_origins", in: Self.table, "must be origins, such as \"https://app.example.org\"")
        }
        trustedProxies = []
        for text in try file.texts("trusted_proxies", in: Self.table) ?? [] {
            guard let range = AddressRange(parsing: text) else {
                throw file.wrong(
                    "trusted_proxies", in: Self.table, "must be IP addresses or networks, such as \"10.0.0.0/8\"")
            }
            trustedProxies.append(range)
        }
        try applyFiles(file)
        try applyNumbers(file)
        metrics = try MetricsAddress(file, beside: self)
    }

    /// Takes over what one of `[environments]` says of its database.
    private mutating func apply(
        _ name: String, of file: SettingsDocument, _ environment: [String: String]
    ) throws(SettingsError) {
        connectionString = try file.databaseAddress(of: name)
        try DatabaseChoice.check(connectionString, of: name, environment)
        allowsUnencrypted =
            try file.environment(name).bool("allow_unencrypted", in: "database") ?? allowsUnencrypted
    }

    private mutating func applyFiles(_ file: SettingsDocument) throws(SettingsError) {
        let certificate = try file.text("tls_certificate", in: Self.table)
        let key = try file.text("tls_key", in: Self.table)
        guard (certificate == nil) == (key == nil) else {
            throw file.wrong(
                certificate == nil ? "tls_key" : "tls_certificate", in: Self.table,
                "also needs \(certificate == nil ? "tls_certificate" : "tls_key")")
        }
        if let certificate, let key { tls = (certificate, key) }
        sendmail = try file.texts("sendmail", in: Self.table) ?? sendmail
        sendCode = try file.texts("send_code", in: Self.table)
        for (name, command) in [("sendmail", sendmail), ("send_code", sendCode ?? sendmail)]
        where command.first?.hasPrefix("/") != true {
            throw file.wrong(
                name, in: Self.table, "must be a program's full path and its arguments, each a text of its own")
        }
        mailFrom = try file.text("mail_from", in: Self.table) ?? mailFrom
        mailTemplates = try file.text("mail_templates", in: Self.table)
        serviceName = try file.text("service_name", in: Self.table) ?? serviceName
        tokenKey = try file.text("jwt_secret_key", in: Self.table)
        breachedPasswords = try file.breachedPasswords()
    }

    /// The programs of the site's that have to be there.
    var programs: [SiteProgram] {
        [SiteProgram(name: "mail program", path: sendmail[0], setting: "sendmail")]
            + (sendCode.map { [SiteProgram(name: "program", path: $0[0], setting: "send_code")] } ?? [])
    }

    private mutating func applyNumbers(_ file: SettingsDocument) throws(SettingsError) {
        databaseConnections =
            try file.integer("database_connections", in: Self.table, 1...200, "a number from 1 to 200")
            ?? databaseConnections
        hashingThreads =
            try file.integer("hashing_threads", in: Self.table, 1...256, "a number from 1 to 256") ?? hashingThreads
        hashingQueue =
            try file.integer("hashing_queue", in: Self.table, 1...10_000, "a number from 1 to 10000") ?? hashingQueue
        connectionsPerAddress =
            try file.integer("connections_per_address", in: Self.table, 1...100_000, "a number from 1 to 100000")
            ?? connectionsPerAddress
        maximumConnections =
            try file.integer("maximum_connections", in: Self.table, 1...100_000, "a number from 1 to 100000")
            ?? maximumConnections
    }

    private func checkWhatIsNeeded(_ path: String) throws(SettingsError) {
        guard Self.isWebAddress(publicURL) else {
            throw .malformed(
                path: path, line: nil,
                reason: "public_url under [self_service] must be the address of the page that links lead to, such as "
                    + "\"https://app.example.org/auth/reset-password\"; it is never guessed from a request")
        }
        guard MailAddress(from: mailFrom) != nil else {
            throw .malformed(
                path: path, line: nil,
                reason: "mail_from under [self_service] must be an address, such as \"Convonet <support@example.org>\"")
        }
    }

    /// Connections with these settings, so many at most unless told; none is made yet.
    func pool(environment: [String: String], maximum: Int? = nil) throws -> PostgresPool {
        do {
            return PostgresPool(
                try ConnectionParameters(
                    connectionString, applicationName: Program.identity, allowUnencrypted: allowsUnencrypted,
                    environment: environment), maximum: maximum ?? databaseConnections)
        } catch let error as PostgresError {
            throw AdminError.database(error)
        }
    }

    /// What the system does not let it have, in words; nil where there is enough.
    func shortage() -> String? {
        let loops = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let connections = databaseConnections + (metrics == nil ? 0 : 1)
        return ProcessResources.shortage(
            // A connection to the database has a socket and two to be woken by, as a loop of the server's has.
            moreDescriptors: (connections + loops) * 3,
            moreThreads: connections + hashingThreads + loops)
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"<>\\^`{|}?#%".utf8.contains($0) }
    }

    private static func isOrigin(_ text: String) -> Bool {
        isPlain(text) && (text.hasPrefix("https://") || text.hasPrefix("http://"))
            && text.split(separator: "/", omittingEmptySubsequences: false).count == 3 && !text.hasSuffix("/")
    }

    private static func isWebAddress(_ text: String) -> Bool {
        isPlain(text) && (text.hasPrefix("https://") || text.hasPrefix("http://"))
    }
}
