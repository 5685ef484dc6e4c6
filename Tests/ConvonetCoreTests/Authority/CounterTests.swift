import ConvonetCore
import TestDatabase
import Testing

/// What is counted within the hour, also by a server that takes over from another.
@Suite(.dropsDatabases) struct CounterTests {
    /// A sequence writes up to 32 values ahead to the log that a standby follows: with these, two failovers would end an hour's PINs.
    @Test func pinsAreCountedExactlyAfterAFailover() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        for _ in 0..<3 { #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done) }
        let used = try await database.sql(
            """
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'S' \
            AND c.relname LIKE 'pin\\_answers\\_%' AND pg_sequence_last_value(c.oid) IS NOT NULL
            """
        ).split(separator: "\n")
        #expect(used.count == 1)
        for name in used {
            let counter = try await database.sql("SELECT last_value % 1048576, log_cnt FROM convonet_admin.\(name)")
            #expect(counter.hasPrefix("3") && counter.hasSuffix("0"), "\(counter)")
        }
    }
}
