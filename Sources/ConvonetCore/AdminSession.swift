public import AccountPolicy
public import ConvonetDatabase
public import Credentials
public import PostgresClient
import SearchText

/// One operator's way into one database: who they are, what they may do, and everything that can be done.
public struct AdminSession: Sendable {
    /// Who sits at the keyboard.
    public let operatorIdentity: Operator
    /// What the server said on connecting.
    public let connection: ConnectionDetails
    /// The rules in force when the session began.
    public let policy: Policy
    /// What this database user may do.
    public let rights: Rights
    /// Finds and lists accounts.
    public let accounts: AccountDirectory
    /// Changes accounts: their credentials and states.
    public let changes: AccountEditor
    /// Reads the log.
    public let audit: AuditLog
    /// Changes the policy.
    public let policies: PolicyStore
    /// Shows and decides what needs a second person.
    public let approvals: ApprovalQueue
    /// Finds out who is speaking.
    public let callers: CallerVerification
    /// Which log it is.
    public let log: LogIdentity
    /// The server's clock.
    public let clock: ServerClock
    /// The beginning of the list of all accounts, as it was when the session began; nil where nobody asked for it or it
    /// could not be read.
    public let firstPage: AccountDirectory.Page?
    /// Whose e-mail address, username or id is what was asked for, as they were when the session began, for
    /// ``AccountDirectory/find(_:among:)``; nil where nobody asked or they could not be read.
    public let candidates: [Account]?
    /// What is shown of the only candidate; nil where that was not asked for or could not be read.
    let dossier: AccountDossier?

    /// What a database user may do here.
    public struct Rights: Equatable, Sendable {
        /// May change credentials.
        public var mayChange: Bool
        /// May read the whole log.
        public var mayReadLog: Bool
        /// May change the policy.
        public var maySetPolicy: Bool
        /// May approve or deny what others ask for.
        public var mayDecide: Bool
        /// Whether the installation has roles at all.
        public var hasRoles: Bool

        /// Rights as given.
        public init(mayChange: Bool, mayReadLog: Bool, maySetPolicy: Bool, mayDecide: Bool = false, hasRoles: Bool) {
            self.mayChange = mayChange
            self.mayReadLog = mayReadLog
            self.maySetPolicy = maySetPolicy
            self.mayDecide = mayDecide
            self.hasRoles = hasRoles
        }

        /// The rights in a word or two.
        public var name: String {
            if !hasRoles { return "all rights" }
            let groups = [
                mayChange ? "operator" : nil, mayReadLog ? "auditor" : nil, mayDecide ? "supervisor" : nil,
            ].compactMap { $0 }
            return groups.isEmpty ? "viewer" : groups.joined(separator: ", ")
        }
    }

    /// Connects and looks around, mostly in one round trip after connecting: whether this user may read at all, and only then the
    /// facts and, where that is asked for, the first so many accounts, or those of whom somebody was named. Where that one is to be
    /// shown, their dossier is read in the same transaction, while the rest of the session is made.
    ///
    /// `anchor` hears of every change before it is sent and when it is logged; passwords are made up and held against lists as this machine's settings say.
    public static func open(
        _ pool: PostgresPool, operator identity: Operator, application: String, anchor: (any Anchor)? = nil,
        passwords: PasswordSettings = PasswordSettings(), firstPage limit: Int? = nil, finding key: String? = nil,
        showing isShown: Bool = false
    ) async throws(AdminError) -> AdminSession {
        let database = Database(pool: pool)
        let more = More(limit: limit, key: key, isShown: isShown)
        return try await database.translating(.viewAccounts) {
            try await pool.withConnection { connection in
                do {
                    return try await begin(connection, database, identity, application, anchor, passwords, more)
                } catch PostgresError.server(let refusal) where refusal.sqlState != .insufficientPrivilege {
                    throw (try? await diagnosis(connection)) ?? PostgresError.server(refusal)
                }
            }
        }
    }

    private static func begin(
        _ connection: PostgresConnection, _ database: Database, _ identity: Operator, _ application: String,
        _ anchor: (any Anchor)?, _ passwords: PasswordSettings, _ more: More
    ) async throws -> AdminSession {
        let details = connection.details
        let claims = Claims(identity: identity, application: application)
        let asked =
            [(statement: facts(server: details?.serverVersion ?? .max, more), scans: TableScans.allowed)]
            + more.statements
        let person = more.isShown ? PersonReading(claims: claims, place: asked.count - 1) : nil
        async let all = read(asked, by: person, connection)
        let results = if let first = await person?.first { first } else { try await all }
        guard let row = try results.first?.get().first, let details else { throw AdminError.schemaMissing }
        try SchemaVersion.check(regarded: try row.int(0))
        guard try row.bool(2) else {
            let loss = try await connection.query(Database.loss, limit: .seconds(30)).first.flatMap {
                try Database.loss($0)
            }
            throw loss ?? AdminError.schemaDetached
        }
        let clock = ServerClock(saying: try row.timestamp(9))
        let candidates = more.candidates(results)
        let rules = try RulesInForce(row, from: 10, breached: passwords.breached)
        let accounts = AccountDirectory(
            database: database, rules: rules, indexAtStart: try row.optional(8, row.bool), claims: claims)
        let log = LogIdentity(database: details.database, installedAt: try row.timestamp(6))
        let reports = AnchorReports(anchor: anchor, log: log, operatorName: identity.name)
        return AdminSession(
            operatorIdentity: identity, connection: details, policy: rules.current.policy,
            rights: Rights(
                mayChange: try row.bool(3), mayReadLog: try row.bool(4), maySetPolicy: try row.bool(5),
                mayDecide: try row.bool(7), hasRoles: try row.bool(1)),
            accounts: accounts,
            changes: AccountEditor(
                database: database, claims: claims, rules: rules, reports: reports, passwordForm: passwords.form),
            audit: AuditLog(database: database),
            policies: PolicyStore(database: database, claims: claims, rules: rules, reports: reports),
            approvals: ApprovalQueue(database: database, claims: claims, rules: rules, reports: reports),
            callers: CallerVerification(database: database, claims: claims, rules: rules, reports: reports),
            log: log, clock: clock, firstPage: more.page(results), candidates: candidates,
            dossier: try? await person?.dossier(from: all, of: candidates, accounts))
    }

    private static func read(
        _ asked: [(statement: Statement, scans: TableScans)], by person: PersonReading?,
        _ connection: PostgresConnection
    ) async throws -> [Result<QueryResult, PostgresError>] {
        if let person { return try await person.read(asked, connection) }
        return try await SchemaTrust.read(asked, connection)
    }

    /// What is shown of an account, as it was when the session began where that was asked for.
    public func dossier(of account: Account) async -> AccountDossier {
        if let dossier, case .success(account) = dossier.account { return dossier }
        return await accounts.dossier(of: account)
    }

    /// What is read along with the facts, in the same round trip. What fails here fails again where it is asked for.
    private struct More {
        let limit: Int?
        let key: String?
        let isShown: Bool

        var statements: [(statement: Statement, scans: TableScans)] {
            let page = limit.map { (AccountDirectory.firstPageStatement(limit: $0), TableScans.allowed) }
            let exact = key.map { (AccountDirectory.exactStatement($0), TableScans.lastResort) }
            return [page, exact].compactMap { $0 }
        }

        func page(_ results: [Result<QueryResult, PostgresError>]) -> AccountDirectory.Page? {
            guard let limit, let page = try? AccountDirectory.page(results[1].get(), limit: limit) else { return nil }
            // Of nobody it may be that they are hidden: who asks for the page again is told.
            return page.accounts.isEmpty ? nil : page
        }

        func candidates(_ results: [Result<QueryResult, PostgresError>]) -> [Account]? {
            guard key != nil, let found = results.last else { return nil }
            return try? found.get().map { try Account($0) }
        }
    }

    /// Whoever asks for one account seldom searches: recognising the index costs a new session half a millisecond.
    private static func facts(server: Int, _ more: More) -> Statement {
        let isIndexed: Statement =
            more.key == nil
            ? SearchIndexLookup.hasEverybody(SearchIndexLookup.isOnInstalled, server: server) : "NULL::boolean"
        return """
            SELECT \(SchemaVersion.regarded), i.role_prefix IS NOT NULL,
                   to_regclass('convonet_admin.account_pieces') IS NOT NULL,
                   has_function_privilege('convonet_admin.reset_password(uuid, text, text, uuid, jsonb)', 'EXECUTE'),
                   has_table_privilege('convonet_admin.audit_event', 'SELECT'),
                   has_function_privilege('convonet_admin.set_policy(jsonb, uuid, jsonb)', 'EXECUTE'), i.installed_at,
                   i.role_prefix IS NOT NULL
                       AND has_function_privilege('convonet_admin.decide_approval(bigint, text, uuid, jsonb)', 'EXECUTE'),
                   \(isIndexed), clock_timestamp(), \(PolicyReading.columns)
            FROM convonet_admin.installation i, convonet_admin.policy p
            """
    }

    /// Why the first statement failed, where it is a matter of the schema's version.
    private static func diagnosis(_ connection: PostgresConnection) async throws -> AdminError? {
        try await connection.begin(.reading, limit: .seconds(30))
        do {
            let rows = try await SchemaTrust.look(connection, reading: ["installation"]).reading().query(
                "SELECT \(SchemaVersion.regarded) FROM convonet_admin.installation i", of: ["installation"], connection)
            await connection.rollback()
            try SchemaVersion.check(regarded: try rows.first?.int(0) ?? 0)
            return nil
        } catch {
            await connection.rollback()
            return error as? AdminError
        }
    }
}
