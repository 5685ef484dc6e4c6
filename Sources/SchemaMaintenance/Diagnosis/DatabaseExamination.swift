public import ConvonetDatabase
import ConvonetSchema
import OperatingSystem
public import PostgresClient

/// Looks at one database as one database user sees it, changing nothing.
public struct DatabaseExamination: Sendable {
    let pool: PostgresPool
    /// The application's table, where no installation names another.
    let usersTable: QualifiedName

    /// An examination; nothing is connected yet.
    public init(_ pool: PostgresPool, usersTable: QualifiedName) {
        self.pool = pool
        self.usersTable = usersTable
    }

    /// Makes every check that can be made, in an order that suits a reader; where one fails, the others go on.
    public func findings() async -> [Finding] {
        let details: ConnectionDetails
        do {
            details = try await connect()
        } catch {
            return [Self.unreachable(error)]
        }
        var found = [
            Finding("connection", "Connected to \(details.database) at \(details.host) as \(details.user)."),
            Self.transport(details), Self.version(details.serverVersion),
        ]
        found += await check("pooler", Self.pooler)
        found += await check("acting-role", Self.actingRole)
        found += await check("clock", Self.clock)
        let (installation, schema) = await installation()
        found += schema
        let table = installation?.usersTable ?? usersTable
        found += await check("rights") { try await Self.rights($0, table, installation) }
        let hand = await hand(installation)
        found += await check("neighbours") { try await Self.neighbours($0, table) }
        found += await check("paths") { try await Self.paths($0, table, installation?.roles) }
        found += await check("grants") { try await Self.grants($0, table, hand: hand) }
        found += await check("users-table") { try await Self.usersTable($0, table, hand: hand) }
        found += await check("triggers") { try await Self.triggers($0, table) }
        found += await check("server-log", Self.serverLog)
        guard installation != nil else { return found }
        found += await check("roles") { try await Self.roles($0, installation) }
        found += await check("log-guards", Self.logGuards)
        found += await checkSchema("log-end", reading: LogEndInspection.tables + ToldRows.tables, Self.logEnd)
        if let installation {
            found += await checkSchema("installed", reading: ["as_installed"]) {
                try await Self.installed($0, $1, installation)
            }
        }
        found += await check("owners") { try await Self.owners($0, installation) }
        found += await check("all-data") { try await Self.allData($0, installation) }
        found += await check("publications", Self.publications)
        found += await check("locks", Self.locks)
        found += await checkSchema("direct-changes", reading: ["installation"]) {
            try await Self.directChanges($0, $1, table, installation)
        }
        found += await check("search") { try await Self.search($0, table) }
        found += await check("addresses") { try await Self.addresses($0, table, installation) }
        if let installation {
            found += await checkSchema("mail") { connection, _ in try await Self.mail(connection, installation) }
            found += await checkSchema("refusals") { connection, _ in try await Self.refusals(connection, installation)
            }
            found += await checkSchema("temporary-passwords") { connection, _ in
                try await Self.temporaryPasswords(connection, installation)
            }
        }
        return found
    }

    private func connect() async throws -> ConnectionDetails {
        try await pool.withConnection { connection in
            guard let details = connection.details else {
                throw PostgresError.connectionLost(afterSending: false)
            }
            return details
        }
    }

    /// One check on a connection; what goes wrong in it is its finding.
    func check(
        _ name: String, _ body: @Sendable (PostgresConnection) async throws -> [Finding]
    ) async -> [Finding] {
        await finding(name) { try await pool.withConnection(body) }
    }

    /// One check that reads these tables of the schema, or calls its functions: in one transaction with the look at whether it may.
    private func checkSchema(
        _ name: String, reading tables: [String] = [],
        _ body: @Sendable (PostgresConnection, SchemaReading) async throws -> [Finding]
    ) async -> [Finding] {
        await finding(name) {
            try await pool.transaction(.reading) { connection in
                guard case .present(let schema) = try await SchemaTrust.look(connection, reading: tables) else {
                    return []
                }
                return try await body(connection, schema)
            }
        }
    }

    private func finding(_ name: String, _ check: () async throws -> [Finding]) async -> [Finding] {
        do {
            return try await check()
        } catch PostgresError.server(let refusal) where refusal.sqlState == .lockNotAvailable {
            return [await locked(name)]
        } catch {
            return [Self.unchecked(name, error)]
        }
    }

    /// What is said of a check that could not be made, whatever kept it from that.
    static func unchecked(_ name: String, _ error: any Error) -> Finding {
        Finding(
            name, .warning, "Could not be checked: \(AdminError(of: error, during: .viewAccounts))",
            mend: "Run doctor as a user with the right to check it.")
    }

    private static func unreachable(_ error: any Error) -> Finding {
        let error = (error as? PostgresError).map(AdminError.database) ?? AdminError(of: error, during: .viewAccounts)
        return Finding(
            "connection", .problem, error.description,
            mend: "For where the address comes from, see “convonet-admin --help”.")
    }

    static func transport(_ details: ConnectionDetails) -> Finding {
        if !details.isRemote { return Finding("tls", "The connection stays on this machine.") }
        if details.isServerVerified {
            return Finding("tls", "Encrypted; the server's certificate and name are verified.")
        }
        if details.isEncrypted {
            return Finding(
                "tls", .warning, "Encrypted, but the server's identity is not verified.",
                mend: "Set sslmode=verify-full in the address, and sslrootcert=FILE for a CA of your own.")
        }
        return Finding(
            "tls", .problem, "Not encrypted: hashes and PINs cross the network in plain text.",
            mend: "Turn on TLS at the server, and set sslmode=verify-full in the address.")
    }

    static func version(_ number: Int) -> Finding {
        let name = "PostgreSQL \(number / 10000).\(number % 10000)"
        if number >= 130_000 { return Finding("server", "\(name).") }
        return Finding("server", .problem, "\(name) is too old.", mend: "Upgrade the server to PostgreSQL 13 or newer.")
    }

    private static func actingRole(_ connection: PostgresConnection) async throws -> [Finding] {
        guard let fault = try await ActingRole.fault(connection) else { return [] }
        return [Finding("acting-role", .problem, fault.message, mend: fault.mend)]
    }

    private static func clock(_ connection: PostgresConnection) async throws -> [Finding] {
        let before = Timestamp.now
        let rows = try await connection.query("SELECT clock_timestamp()", limit: .seconds(10))
        let after = Timestamp.now
        return try rows.map { clock(server: try $0.timestamp(0), between: before, and: after) }
    }

    /// The answer was written at some time between; only what lies outside is sure to be wrong.
    static func clock(server: Timestamp, between before: Timestamp, and after: Timestamp) -> Finding {
        let skew = max(
            before.microseconds - server.microseconds, server.microseconds - after.microseconds, 0)
        if skew < 2_000_000 { return Finding("clock", "This machine's clock agrees with the server's.") }
        return Finding(
            "clock", .warning, "This machine's clock and the server's differ by \(skew / 1_000_000) seconds.",
            mend: "Synchronize both with a time server, for example with systemd-timesyncd or chrony.")
    }
}
