import ConvonetCore
import EmbeddedPostgres
import TestDatabase
import Testing

/// The command line while the primary is away, and after another server has taken its place.
@Suite struct FailoverCommandTests {
    private func run(
        _ pair: ServerPair, _ database: TestDatabase, as user: TestDatabase.User = .operator, _ arguments: [String],
        input: String = ""
    ) async throws -> CommandRun {
        try await CommandRun(
            arguments, input: input,
            environment: ["CONVONET_DB_URI": pair.address(database.name, user: user.rawValue)])
    }

    /// What the journal would hold of the log as it is now.
    private func journal(of database: TestDatabase) async throws -> String {
        let log = try await database.sql(
            "SELECT (extract(epoch FROM installed_at) * 1000000)::bigint FROM convonet_admin.installation")
        return try await database.sql(
            """
            SELECT format('convonet-admin[7]: audit-head format=1 database=%s log=\(log) sequence=%s hash=%s request=%s action=%s '
                          'account=%s operator=anna outcome=%s', current_database(), sequence, encode(hash, 'hex'), request_id,
                          action, account_id, outcome) FROM convonet_admin.audit_event ORDER BY sequence
            """) + "\n"
    }

    /// Asynchronous: the last change was said to be done, and never reached the server that took over.
    @Test func aStandbyIsReadAndAChangeThatItNeverHadIsFoundMissing() async throws {
        let (database, pair) = try await ServerPair.migrated()
        let email = try await database.sql("SELECT min(email) FROM users_convonet WHERE voice_pin IS NOT NULL")
        let reset = ["reset-pin", email, "--generate", "--yes", "--json"]
        #expect(try await run(pair, database, reset).status == 0)
        try await pair.catchUp()
        try await pair.disconnect()
        let lost = try await run(pair, database, reset)
        #expect(lost.status == 0)
        let request = try #require(try lost.objects.first?.text("request_id"))
        let lines = try await journal(of: database)
        pair.primary.stop()

        for reading in [["list", "--limit", "3"], ["search", email], ["show", email]] {
            #expect(try await run(pair, database, reading).output.contains("@"), "\(reading)")
        }
        #expect(try await run(pair, database, as: .auditor, ["audit", "list"]).status == 0)
        #expect(try await run(pair, database, as: .auditor, ["audit", "verify"]).status == 0)
        let refused = try await run(pair, database, reset)
        #expect(refused.status == 69)
        #expect(refused.errors.contains("Only a standby answers") && refused.errors.contains("Nothing was changed"))

        try await pair.promote()
        let verified = try await run(
            pair, database, as: .auditor, ["audit", "verify", "--journal", "-"], input: lines)
        #expect(
            verified.status == 65 && verified.output.contains("A failover to a standby that lacked the last events"))
        #expect(verified.output.contains("  event 2,") && !verified.output.contains("  event 1,"))
        #expect(verified.output.contains(request))
        #expect(try await run(pair, database, reset).status == 0)
        #expect(try await run(pair, database, as: .auditor, ["audit", "verify"]).status == 0)
    }
}
