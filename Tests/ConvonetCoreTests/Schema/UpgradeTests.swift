import ConvonetCore
import TestDatabase
import Testing

/// From the schema's first version, kept beside this file as it was, to this program's.
@Suite struct UpgradeTests {
    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)

    /// A database with the first version, a person's PIN issued through it, and a policy that is not the standard.
    private func oldDatabase() async throws -> TestDatabase {
        _ = try await TestDatabase.make(.migrated)
        let database = try await TestDatabase.make(.application)
        let script = String(
            decoding: try SourceTree.contents(of: SourceTree.root + "/Tests/ConvonetCoreTests/Schema/version_1.sql"),
            as: UTF8.self)
        try database.sql("BEGIN;\n" + script + "COMMIT;", as: .owner)
        try database.sql("UPDATE convonet_admin.policy SET minimum_length = 11, require_ticket = true")
        try database.sql(
            """
            SELECT convonet_admin.issue_voice_pin(a.id, a.version, gen_random_uuid(), '{"ticket": "T-1"}')
            FROM convonet_admin.accounts a ORDER BY a.id LIMIT 1
            """, as: .owner)
        return database
    }

    @Test func theFirstVersionBecomesThisOneAndKeepsItsLog() async throws {
        let database = try await oldDatabase()
        await #expect(throws: AdminError.self) { try await database.session(.owner) }
        let plan = try await Migrator(try database.pool()).migrate(request)
        #expect(plan.summary.first?.hasPrefix("Brings the schema convonet_admin from version 1 to ") == true)
        #expect(try await Migrator(try database.pool()).plan(request).isEmpty)

        let fresh = try await TestDatabase.make(.application)
        _ = try await Migrator(try fresh.pool()).migrate(request)
        #expect(try database.sql(MigrationTests.ours) == fresh.sql(MigrationTests.ours))

        let session = try await database.session(.owner)
        #expect(session.policy.requiresTicket)
        #expect(session.policy.password.minimumLength == 11)
        let person = try await session.person()
        let change = AccountChange(
            account: person, action: .issuePIN, context: ChangeContext(ticket: "T-2"))
        #expect(try await session.changes.perform(change).outcome == .done)
        let verified = try await session.audit.verify()
        #expect(verified.problem == nil)
        #expect(verified.events == 2)
    }

    @Test func whoDoesNotOwnTheSchemaMayNotBringItUpToDate() async throws {
        let database = try await oldDatabase()
        await #expect(throws: AdminError.notPermitted(.migrate)) {
            try await Migrator(try database.pool(.stranger)).migrate(request)
        }
    }
}
