public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// What an operator asked for: one change of one protected account, as its row then was.
public struct ApprovalRequest: Equatable, Sendable, Identifiable {
    /// Where a request is.
    public enum State: String, Equatable, Sendable, CaseIterable {
        /// Nobody has decided it.
        case requested
        /// A second person agreed; the requester can do it now, once.
        case approved
        /// A second person refused.
        case denied
        /// It was done.
        case used
        /// Nobody decided or used it in time.
        case expired
        /// The account changed since, so it means nothing any more.
        case outdated
    }

    /// Its number.
    public var id: Int
    /// What was asked for, by the log's name, such as `reset_password`.
    public var action: String
    /// For whom.
    public var accountID: UUID
    /// Their e-mail address as it was.
    public var accountEmail: String
    /// Their username as it was.
    public var accountUsername: String
    /// When.
    public var requestedAt: Timestamp
    /// By which database user.
    public var requestedBy: String
    /// The system user at the requester's keyboard, claimed by the program.
    public var operatorName: String?
    /// Why.
    public var reason: String?
    /// The ticket.
    public var ticket: String?
    /// How the caller was verified.
    public var verifiedBy: String?
    /// Until when it can be decided, or once it is approved, used.
    public var expiresAt: Timestamp
    /// Where it is.
    public var state: State
    /// When it was approved or denied.
    public var decidedAt: Timestamp?
    /// By which database user.
    public var decidedBy: String?
    /// What they said.
    public var decisionReason: String?
    /// Whether this session's database user asked for it.
    public var isOwn: Bool
    /// The points that the caller had proven then; nil for none.
    public var points: Int?
    /// By which ways, as the log has them.
    public var ways: String?

    static let columns: Statement = """
        id, action, account_id, account_email, account_username, requested_at, requested_by, operator, reason, ticket, \
        verified_by, expires_at, state, decided_at, decided_by, decision_reason, is_own, \
        points, ways
        """

    /// The requests for one account that can still be decided or used, newest first, among the newest 1001 of all.
    static func statement(of account: UUID) -> Statement {
        "SELECT \(columns) FROM convonet_admin.account_approvals(\(account))"
    }
}

extension ApprovalRequest {
    /// Who asked.
    public var requester: ActorName { ActorName(databaseUser: requestedBy, claimedSystemUser: operatorName) }

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        guard let state = State(rawValue: try row.text(12)) else {
            throw PostgresError.unexpectedResult("a state of a request that this program does not know")
        }
        self.init(
            id: try row.int(0), action: try row.text(1), accountID: try row.uuid(2), accountEmail: try row.text(3),
            accountUsername: try row.text(4), requestedAt: try row.timestamp(5), requestedBy: try row.text(6),
            operatorName: try row.optional(7, row.text), reason: try row.optional(8, row.text),
            ticket: try row.optional(9, row.text), verifiedBy: try row.optional(10, row.text),
            expiresAt: try row.timestamp(11), state: state, decidedAt: try row.optional(13, row.timestamp),
            decidedBy: try row.optional(14, row.text), decisionReason: try row.optional(15, row.text),
            isOwn: try row.bool(16), points: try row.optional(17, row.int),
            ways: try row.optional(18, row.text))
    }
}
