import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// What was done to one account, as operators may see it.
public struct HistoryEntry: Equatable, Sendable {
    /// The receipt number.
    public var sequence: Int
    /// When.
    public var occurredAt: Timestamp
    /// What was tried.
    public var action: String
    /// How it ended.
    public var outcome: String
    /// Which rule refused it.
    public var rule: String?
    /// Who.
    public var actor: ActorName
    /// Why.
    public var reason: String?
    /// The ticket.
    public var ticket: String?
    /// Of what was taken back, its receipt.
    public var takesBack: Int?

    /// An entry.
    public init(
        sequence: Int, occurredAt: Timestamp, action: String, outcome: String, rule: String? = nil,
        actor: ActorName, reason: String? = nil, ticket: String? = nil, takesBack: Int? = nil
    ) {
        self.sequence = sequence
        self.occurredAt = occurredAt
        self.action = action
        self.outcome = outcome
        self.rule = rule
        self.actor = actor
        self.reason = reason
        self.ticket = ticket
        self.takesBack = takesBack
    }
}

extension AccountDirectory {
    /// What was done to the account, newest first, at most 50.
    static func historyStatement(_ id: UUID) -> Statement {
        """
        SELECT sequence, occurred_at, action, outcome, rule, operator, \
        CASE actor_kind WHEN 'schedule' THEN actor_kind WHEN 'self' THEN 'the person' ELSE db_user END, reason, ticket, \
        \(Statement(trusted: UndoableChange.receiptSQL(ofDetail: "detail"))) \
        FROM convonet_admin.account_history(\(id), 50)
        """
    }
}

extension HistoryEntry {
    /// Reads a row of sequence, time, action, outcome, rule, claimed operator, database user, reason, ticket and
    /// the receipt that it takes back.
    init(_ row: Row) throws {
        self.init(
            sequence: try row.int(0), occurredAt: try row.timestamp(1), action: try row.text(2),
            outcome: try row.text(3), rule: try row.optional(4, row.text),
            actor: ActorName(databaseUser: try row.text(6), claimedSystemUser: try row.optional(5, row.text)),
            reason: try row.optional(7, row.text), ticket: try row.optional(8, row.text),
            takesBack: try row.optional(9, row.int))
    }
}
