import OperatingSystem
import PostgresClient

@testable import ConvonetCore

extension HistoryEntry {
    /// Something that was done to an account less than a minute ago.
    static func example(
        _ sequence: Int, _ action: String, _ outcome: String = "done", by: String = "bert", claiming: String? = nil
    ) -> HistoryEntry {
        HistoryEntry(
            sequence: sequence,
            occurredAt: Timestamp(microseconds: FakeWorld.now.microseconds - Int64(50 - sequence) * 1_000_000),
            action: action, outcome: outcome, actor: ActorName(databaseUser: by, claimedSystemUser: claiming),
            reason: "new phone", ticket: "T-\(sequence)")
    }
}
