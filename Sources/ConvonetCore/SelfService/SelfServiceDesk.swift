public import FoundationEssentials
public import PostgresClient

/// What people do for themselves: the second front end's way to the database's functions.
///
/// All methods throw `AdminError`. Those that change something send the same request id again where the connection
/// drops, so that it is carried out at most once.
public struct SelfServiceDesk: Sendable {
    let database: Database
    private let application: String
    private let host: String

    /// A desk; nothing is sent yet. `application` and `host` are what the log is told.
    public init(_ pool: PostgresPool, application: String, host: String) {
        database = Database(pool: pool)
        self.application = application
        self.host = host
    }

    /// The policy in force; throws where the schema is missing, of another version, or closed to this database user.
    public func policy() async throws -> Policy {
        let rows = try await database.query(
            "SELECT convonet_admin.self_schema_version(), \(Policy.columns) FROM convonet_admin.self_policy() p",
            for: .serveSelfService)
        guard let row = rows.first else { throw AdminError.schemaMissing }
        let version = try row.int(0)
        if version < SchemaSource.version { throw AdminError.schemaOlder(found: version, needed: SchemaSource.version) }
        if version > SchemaSource.version { throw AdminError.schemaNewer(found: version, known: SchemaSource.version) }
        return try Policy(row, from: 1)
    }

    /// What is counted against the limits.
    public enum RequestKind: String, Sendable {
        /// Anything that asks for something.
        case request
        /// Looking a password over while it is typed.
        case assess
    }

    /// Counts a request of a client; the seconds after which it may be made again, or nil where it may go on.
    ///
    /// Whoever brings a link's token that is good, or is signed in to the application, is not held to what all may ask for
    /// together: strangers cannot use that up for them.
    public func admit(
        _ kind: RequestKind, from client: String, with token: ResetToken? = nil, isSignedIn: Bool = false
    ) async throws -> Int? {
        let hash = Parameter.bytea(token?.hash ?? [])
        let rows = try await database.change(
            "SELECT convonet_admin.self_admit(\(kind.rawValue), \(client), \(hash), \(isSignedIn))", limit: .seconds(5),
            until: Deadline(in: .seconds(7)), mayRepeat: true, for: .serveSelfService
        ).rows
        return try rows.first.flatMap { try $0.optional(0, $0.int) }
    }

    /// Notes that somebody asked for a link to an address, which takes the same time whoever has it.
    public func requestLink(to address: EmailAddress, from client: String, request: UUID = UUID()) async throws {
        _ = try await database.change(linkRequest(to: address, from: client, request: request), for: .serveSelfService)
    }

    func linkRequest(to address: EmailAddress, from client: String, request: UUID) -> Statement {
        "SELECT convonet_admin.self_request_link(\(address.unicode), \(address.ascii), \(request), \(claims(client)))"
    }

    /// Whose link it is, or nil where it is not good, or not any more.
    public func holder(of token: ResetToken) async throws -> LinkHolder? {
        let hash = Parameter.bytea(token.hash)
        let rows = try await database.query(
            "SELECT \(SelfServicePerson.columns), expires_at FROM convonet_admin.self_link_holder(\(hash))",
            for: .serveSelfService)
        return try rows.first.map { LinkHolder(person: try SelfServicePerson($0), expiresAt: try $0.timestamp(5)) }
    }

    /// Sets the password of whoever holds the link, which uses it up; nil where there is no such link.
    public func resetPassword(
        by token: ResetToken, to hash: PasswordHash, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        let (tokenHash, claims) = (Parameter.bytea(token.hash), claims(client, method: "typed"))
        return try await send("self_reset_password(\(tokenHash), \(hash.text), \(request), \(claims))")
    }

    /// Somebody who is signed in, or nil where there is no such account, or it is inactive.
    public func signedInPerson(_ account: UUID) async throws -> SignedInPerson? {
        let rows = try await database.query(
            "SELECT \(SelfServicePerson.columns), setting, wait FROM convonet_admin.self_signed_in(\(account))",
            for: .serveSelfService)
        return try rows.first.map { row in
            SignedInPerson(
                person: try SelfServicePerson(row),
                setting: try row.optional(5, row.text).flatMap(BcryptSetting.init(parsing:)),
                blockedSeconds: try row.optional(6, row.int))
        }
    }

    /// Why the old password will not do, which is logged and counted; nil where it is right.
    public func faultOfOldPassword(
        _ proof: PasswordHash, of account: UUID, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        let claims = claims(client)
        return try await send("self_check_old_password(\(account), \(proof.text), \(request), \(claims))")
    }

    /// Sets the password of somebody who knows the old one; nil where the account is gone.
    public func changePassword(
        of account: UUID, proof: PasswordHash, to hash: PasswordHash, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        let claims = claims(client, method: "typed")
        return try await send("self_change_password(\(account), \(proof.text), \(hash.text), \(request), \(claims))")
    }

    /// What is refused before the database is asked, by what it would have been.
    public enum Attempt: String, Sendable {
        /// By a link.
        case byLink = "reset_password"
        /// With the old password.
        case withOldPassword = "change_password"
    }

    /// Writes a password's refusal by a rule to the log.
    public func record(
        _ finding: PasswordFinding, in attempt: Attempt, of account: UUID, from client: String, request: UUID
    ) async throws {
        let claims = claims(client)
        _ = try await send(
            "self_record_refusal(\(attempt.rawValue), \(account), \(finding.rule.rawValue), \(request), \(claims))")
    }

    func claims(_ client: String?, method: String? = nil) -> Parameter {
        var object = JSONObject()
        object.add("application", application)
        object.add("host", host)
        object.add("client_address", client)
        object.add("method", method)
        return .jsonb(object.text)
    }

    /// A task of its own: a client that hangs up must not stop what was sent.
    private func send(_ call: Statement) async throws -> SelfServiceResult? {
        try await Task { try await sendUntilAnswered(call) }.value
    }

    private func sendUntilAnswered(_ call: Statement) async throws -> SelfServiceResult? {
        let statement: Statement = "SELECT \(Receipt.columns) FROM convonet_admin.\(call)"
        var failure = AdminError.database(.connectionLost(afterSending: false))
        for pause in [0, 100, 1000, 3000] {
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
            do {
                // The commit, too, is waited for no longer than whoever sent the form would.
                let rows = try await database.pool.change(
                    statement, limit: .seconds(10), until: Deadline(in: .seconds(12))
                ).rows
                return try rows.first.map { row in
                    let receipt = try Receipt(row)
                    return SelfServiceResult(receipt: receipt, rule: receipt.rule)
                }
            } catch let error as PostgresError {
                failure = AdminError(error, during: .serveSelfService)
                switch error {
                case .connectionLost, .cannotConnect: continue
                // The account is locked by another change; the one who waits is answered later rather than not at all.
                case .server(let refusal) where refusal.sqlState.isTransient: continue
                default: throw failure
                }
            }
        }
        throw failure
    }
}
