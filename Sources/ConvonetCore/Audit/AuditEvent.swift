public import FoundationEssentials
public import OperatingSystem
package import PostgresClient

/// One row of the audit log.
public struct AuditEvent: Equatable, Sendable, Identifiable {
    /// The number of the format in which it is hashed; 1.
    public var format: Int
    /// Its place in the log, from 1, without gaps; also the receipt number.
    public var sequence: Int
    /// Its own id.
    public var eventID: UUID
    /// The id of the request that led to it.
    public var requestID: UUID?
    /// When, by the server's clock.
    public var occurredAt: Timestamp
    /// `operator`, `self` or `outside`.
    public var actorKind: String
    /// What was tried, such as `reset_password`.
    public var action: String
    /// `done`, `refused`, `conflict` or `failed`.
    public var outcome: String
    /// Which rule refused it.
    public var rule: String?
    /// For whom.
    public var accountID: UUID?
    /// Their e-mail address as it was.
    public var accountEmail: String?
    /// Their username as it was.
    public var accountUsername: String?
    /// The system user at the keyboard, claimed by the program.
    public var operatorName: String?
    /// The database user, checked by the server.
    public var dbUser: String
    /// Claimed by the program.
    public var uid: Int?
    /// Claimed by the program.
    public var loginUID: Int?
    /// Claimed by the program.
    public var host: String?
    /// Claimed by the program.
    public var tty: String?
    /// Claimed by the program.
    public var sshOrigin: String?
    /// The client's address as the server saw it; nil for a Unix socket.
    public var clientAddress: String?
    /// Why.
    public var reason: String?
    /// The ticket.
    public var ticket: String?
    /// How the caller was verified.
    public var verifiedBy: String?
    /// The program and its version.
    public var application: String?
    /// More, in `name=value` words.
    public var detail: String?
    /// The hash of the event before; 32 bytes, zero for the first.
    public var previousHash: [UInt8]
    /// The hash of this event; 32 bytes.
    public var hash: [UInt8]

    /// Its place in the log.
    public var id: Int { sequence }

    package static let columns: Statement = """
        format, sequence, event_id, request_id, occurred_at, actor_kind, action, outcome, rule, account_id, \
        account_email, account_username, operator, db_user, uid, login_uid, host, tty, ssh_origin, client_address, \
        reason, ticket, verified_by, application, detail, previous_hash, hash
        """
}

extension AuditEvent {
    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        format = try row.int(0)
        sequence = try row.int(1)
        eventID = try row.uuid(2)
        requestID = try row.optional(3, row.uuid)
        occurredAt = try row.timestamp(4)
        actorKind = try row.text(5)
        action = try row.text(6)
        outcome = try row.text(7)
        rule = try row.optional(8, row.text)
        accountID = try row.optional(9, row.uuid)
        accountEmail = try row.optional(10, row.text)
        accountUsername = try row.optional(11, row.text)
        operatorName = try row.optional(12, row.text)
        dbUser = try row.text(13)
        uid = try row.optional(14, row.int)
        loginUID = try row.optional(15, row.int)
        host = try row.optional(16, row.text)
        tty = try row.optional(17, row.text)
        sshOrigin = try row.optional(18, row.text)
        clientAddress = try row.optional(19, row.text)
        reason = try row.optional(20, row.text)
        ticket = try row.optional(21, row.text)
        verifiedBy = try row.optional(22, row.text)
        application = try row.optional(23, row.text)
        detail = try row.optional(24, row.text)
        previousHash = try row.bytes(25)
        hash = try row.bytes(26)
    }
}
