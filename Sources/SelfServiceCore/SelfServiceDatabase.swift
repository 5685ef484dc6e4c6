public import AccountPolicy
import ConvonetCore
public import ConvonetDatabase
public import Credentials
public import EmailAddresses
public import FoundationEssentials
import JSONText
public import PostgresClient

/// What people do for themselves: the second front end's way to the database's functions.
///
/// Those that change something send the same request id again where the connection
/// drops, so that it is carried out at most once.
public struct SelfServiceDatabase: Sendable {
    let database: Database
    private let application: String
    private let host: String
    /// The leaked passwords that this machine has a list of.
    public let breached: BreachedPasswords

    /// Nothing is sent yet. `application` and `host` are what the log is told.
    public init(_ pool: PostgresPool, application: String, host: String, breached: BreachedPasswords = .none) {
        self.breached = breached
        database = Database(pool: pool)
        self.application = application
        self.host = host
    }

    /// The policy in force, of which an `earlier` reading may be known; throws where the schema is missing, of another
    /// version, or closed to this database user.
    public func policy(after earlier: PolicyReading? = nil) async throws(AdminError) -> PolicyReading {
        do throws(AdminError) {
            let readings = try await database.rows(
                """
                SELECT \(SchemaVersion.regarded), \(PolicyReading.columns) \
                FROM (SELECT convonet_admin.self_schema_version() AS schema_version, \
                             convonet_admin.self_serves_from() AS serves_from) i, convonet_admin.self_policy() p
                """, for: .serveSelfService
            ) { row in
                try SchemaVersion.check(regarded: try row.int(0))
                return try PolicyReading(row, from: 1, after: earlier, breached: breached)
            }
            guard let reading = readings.first else { throw AdminError.schemaMissing }
            return reading
        } catch .schemaMissing {
            // An older schema has fewer functions, and one to say so.
            for version in try await database.rows(
                "SELECT convonet_admin.self_schema_version()", for: .serveSelfService, { try $0.int(0) })
            {
                try SchemaVersion.check(regarded: version)
            }
            throw .schemaMissing
        }
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
    ) async throws(AdminError) -> Int? {
        try await database.translating(.serveSelfService) {
            let hash = Parameter.bytea(token?.hash ?? [])
            let rows = try await database.change(
                "SELECT convonet_admin.self_admit(\(kind.rawValue), \(client), \(hash), \(isSignedIn))",
                limit: .seconds(5),
                until: Deadline(in: .seconds(7)), mayRepeat: true, for: .serveSelfService
            ).rows
            return try rows.first.flatMap { try $0.optional(0, $0.int) }
        }
    }

    /// Notes that somebody asked for a link to an address, which takes the same time whoever has it. Throws
    /// `AdminError.outcomeUnknown` where it may be noted or not.
    public func requestLink(to address: EmailAddress, from client: String, request: UUID = UUID())
        async throws(AdminError)
    {
        do {
            _ = try await database.change(
                linkRequest(to: address, from: client, request: request), limit: .seconds(10),
                until: Deadline(in: ReceiptSender.RetryPolicy.selfService.limit), for: .serveSelfService)
        } catch {
            throw error.leavingOpen(.serveSelfService) ?? error
        }
    }

    func linkRequest(to address: EmailAddress, from client: String, request: UUID) -> Statement {
        "SELECT convonet_admin.self_request_link(\(address.unicode), \(address.ascii), \(request), \(claims(client)))"
    }

    /// Whose link it is, or nil where it is not good, or not any more.
    public func holder(of token: ResetToken) async throws(AdminError) -> LinkHolder? {
        let hash = Parameter.bytea(token.hash)
        return try await database.rows(
            "SELECT \(SelfServicePerson.columns), expires_at FROM convonet_admin.self_link_holder(\(hash))",
            for: .serveSelfService
        ) { LinkHolder(person: try SelfServicePerson($0), expiresAt: try $0.timestamp(5)) }.first
    }

    /// Sets the password of whoever holds the link, which uses it up; nil where there is no such link. What other rules
    /// judged than are in force is not set (`policy_changed`). Throws `AdminError.outcomeUnknown` where it may be set or not.
    public func resetPassword(
        by token: ResetToken, to hash: PasswordHash, judgedBy rules: PolicyReading, from client: String, request: UUID
    ) async throws(AdminError) -> SelfServiceResult? {
        let tokenHash = Parameter.bytea(token.hash)
        let claims = claims(client, method: "typed", policy: rules.version)
        return try await send(
            "self_reset_password(\(tokenHash), \(hash.text), \(request), \(claims))", request: request)
    }

    /// Somebody who is signed in by a token that was issued then, in seconds since 1970; or nil where there is no such account, it is
    /// inactive, or the token was ended since. Where tokens were ended, one that does not say when it was issued is none.
    public func signedInPerson(_ account: UUID, tokenIssuedAt seconds: Int?) async throws(AdminError) -> SignedInPerson?
    {
        try await database.rows(
            "SELECT \(SelfServicePerson.columns), setting, wait FROM convonet_admin.self_token_holder(\(account), \(seconds.parameter))",
            for: .serveSelfService
        ) { row in
            SignedInPerson(
                person: try SelfServicePerson(row),
                setting: try row.optional(5, row.text).flatMap(BcryptSetting.init(parsing:)),
                blockedSeconds: try row.optional(6, row.int))
        }.first
    }

    /// Why the old password will not do, which is logged and counted; nil where it is right.
    public func faultOfOldPassword(
        _ proof: PasswordHash, of account: UUID, from client: String, request: UUID
    ) async throws(AdminError) -> SelfServiceResult? {
        let claims = claims(client)
        do {
            return try await send(
                "self_check_old_password(\(account), \(proof.text), \(request), \(claims))", request: request)
        } catch AdminError.outcomeUnknown {
            // Nothing was to be changed by it.
            throw AdminError.database(.timedOut)
        }
    }

    /// Sets the password of somebody who knows the old one; nil where the account is gone. As with a link, what other rules
    /// judged is not set, and the outcome may stay unknown.
    public func changePassword(
        of account: UUID, proof: PasswordHash, to hash: PasswordHash, judgedBy rules: PolicyReading,
        from client: String, request: UUID
    ) async throws(AdminError) -> SelfServiceResult? {
        let claims = claims(client, method: "typed", policy: rules.version)
        return try await send(
            "self_change_password(\(account), \(proof.text), \(hash.text), \(request), \(claims))", request: request)
    }

    /// What is refused before the database is asked, by what it would have been.
    public enum Attempt: String, Sendable {
        /// By a link.
        case byLink = "reset_password"
        /// With the old password.
        case withOldPassword = "change_password"
    }

    /// Writes a password's refusal by a rule to the log; whether it got there may stay unknown.
    public func record(
        _ finding: PasswordFinding, in attempt: Attempt, of account: UUID, from client: String, request: UUID
    ) async throws(AdminError) {
        let claims = claims(client)
        do {
            _ = try await send(
                "self_record_refusal(\(attempt.rawValue), \(account), \(finding.rule.rawValue), \(request), \(claims))",
                request: request)
        } catch AdminError.outcomeUnknown {
            // It is refused all the same, and whoever typed it is told why.
        }
    }

    func claims(
        _ client: String?, method: String? = nil, policy: String? = nil, sendsMail: Bool = false,
        sendsTexts: Bool = false
    ) -> Parameter {
        var object = JSONObject()
        object.add("application", application)
        object.add("host", host)
        object.add("client_address", client)
        object.add("method", method)
        object.add("policy", policy)
        if sendsMail {
            object.add("sends_codes", true)
            object.add("sends_pin_links", true)
            object.add("sends_approvals", true)
            object.add("sends_texts", sendsTexts)
        }
        return .jsonb(object.text)
    }
}
