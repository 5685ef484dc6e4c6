package import Credentials
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// What the database answers to a change: the log's row that belongs to it.
public struct Receipt: Equatable, Sendable {
    /// How it ended, as the database says.
    public var outcome: ChangeResult.Outcome
    /// Which rule refused it.
    public var rule: String?
    /// The log row's id.
    public var eventID: UUID
    /// The receipt number: the log row's place.
    public var sequence: Int
    /// The log row's hash.
    public var hash: [UInt8]
    /// When, by the server's clock.
    public var occurredAt: Timestamp
    /// The account's `updated_at` as read back.
    public var updatedAt: Timestamp?
    /// Whether this is the receipt of an earlier call with the same request id.
    public var isReplayed: Bool
    /// The number of the request for approval that it waits for, or that it used up.
    public var approval: Int?
    /// Until when the new password works, unless the person changes it; nil where it is not temporary.
    public var temporaryUntil: Timestamp?
    /// Whether what it tells was done by this call, and not by an earlier one with the same request id: a receipt that is
    /// given again may be this call's own, whose first answer was lost.
    var isOfThisCall = true
    /// The PIN that was drawn; only where it was done by just this call.
    package var voicePIN: Secret?

    static let columns: Statement =
        "outcome, rule, event_id, sequence, hash, occurred_at, updated_at, replayed, voice_pin, approval, temporary_until"

    /// Calls a function that gives a receipt. Where it is asked again the transaction writes something of its own: the server
    /// then waits for its standby, which has everything before it as soon as it has that.
    static func statement(_ call: Statement, isAskedAgain: Bool) -> Statement {
        // Behind the call, which has to be the first thing in its transaction.
        let more: Statement =
            isAskedAgain ? " WHERE pg_logical_emit_message(true, 'convonet_admin', '') IS NOT NULL" : ""
        return "SELECT \(columns) FROM convonet_admin.\(call)\(more)"
    }

    /// A receipt with its fields.
    public init(
        outcome: ChangeResult.Outcome, rule: String? = nil, eventID: UUID, sequence: Int, hash: [UInt8] = [],
        occurredAt: Timestamp, updatedAt: Timestamp? = nil, isReplayed: Bool = false, approval: Int? = nil,
        temporaryUntil: Timestamp? = nil
    ) {
        self.outcome = outcome
        self.rule = rule
        self.eventID = eventID
        self.sequence = sequence
        self.hash = hash
        self.occurredAt = occurredAt
        self.updatedAt = updatedAt
        self.isReplayed = isReplayed
        self.approval = approval
        self.temporaryUntil = temporaryUntil
    }

    init(_ row: Row) throws {
        guard let outcome = ChangeResult.Outcome(rawValue: try row.text(0)) else {
            throw PostgresError.unexpectedResult("an outcome that this program does not know")
        }
        self.outcome = outcome
        rule = try row.optional(1, row.text)
        eventID = try row.uuid(2)
        sequence = try row.int(3)
        hash = try row.bytes(4)
        occurredAt = try row.timestamp(5)
        updatedAt = try row.optional(6, row.timestamp)
        isReplayed = try row.bool(7)
        voicePIN = try row.optional(8, row.bytes).map { Secret(utf8: $0) }
        approval = try row.optional(9, row.int)
        temporaryUntil = try row.optional(10, row.timestamp)
    }
}
