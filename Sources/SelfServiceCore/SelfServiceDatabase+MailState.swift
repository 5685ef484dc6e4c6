import ConvonetCore
public import ConvonetDatabase
import OperatingSystem
import PostgresClient

/// How much mail waits, in numbers alone.
public struct MailQueueState: Equatable, Sendable {
    /// Whether an instance asked for mail within the last two minutes.
    public var isSending: Bool
    /// The same for one that sends codes to telephones.
    public var sendsTexts: Bool
    /// Whether no more is queued, since too much waits.
    public var isFull: Bool
    /// What nobody has taken.
    public var waiting: Int
    /// What an instance has taken.
    public var sending: Int
    /// What was given up within the last 24 hours.
    public var failed: Int
    /// How many seconds ago the oldest was asked for that nobody has tried to send; 0 where there is none.
    public var untriedSeconds: Int
    /// The same of those that were tried and are not done.
    public var triedSeconds: Int
}

extension SelfServiceDatabase {
    /// How much mail waits; takes no longer than told, whatever the database does.
    public func mailQueueState(within limit: Duration) async throws(AdminError) -> MailQueueState? {
        let end = Deadline(in: limit)
        return try await database.translating(.serveSelfService) {
            let rows: QueryResult
            do {
                rows = try await ask(until: end)
            } catch PostgresError.connectionLost {
                // One that was kept, and was dead.
                rows = try await ask(until: end)
            }
            return try rows.map { row in
                MailQueueState(
                    isSending: try row.bool(0), sendsTexts: try row.bool(1), isFull: try row.bool(2),
                    waiting: try row.int(3), sending: try row.int(4), failed: try row.int(5),
                    untriedSeconds: try row.int(6), triedSeconds: try row.int(7))
            }.first
        }
    }

    private func ask(until end: Deadline) async throws -> QueryResult {
        try await database.pool.withConnection(until: end) { connection in
            try await connection.query(
                """
                SELECT is_sending, sends_texts, is_full, waiting, sending, failed, untried_seconds, tried_seconds \
                FROM convonet_admin.self_mail_state()
                """,
                // No time at all would be no limit.
                limit: max(.milliseconds(100), end.timeLeft))
        }
    }
}
