import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What is kept of accounts beside the log, after a restore that brought back one without the other.
@Suite(.dropsDatabases) struct ToldRowsTests {
    private var following: MigrationRequest {
        MigrationRequest(rolePrefix: TestDatabase.rolePrefix, followsLog: true)
    }

    /// One who is frozen, one who was signed out, and one of whom nothing is kept.
    private func scene() async throws -> (TestDatabase, [Account]) {
        let database = try await TestDatabase.quick()
        let (staff, lead) = (try await database.session(), try await database.session(.lead))
        let people = try await staff.people(3)
        #expect(try await staff.perform(.issuePIN, on: people[2]).outcome == .done)
        #expect(try await staff.perform(.signOut, on: people[1]).outcome == .done)
        let frozen = try await lead.perform(.setFrozen(true), on: people[0], context: ChangeContext(reason: "fraud"))
        #expect(frozen.outcome == .done)
        return (database, people)
    }

    private static let kept = """
        SELECT (SELECT string_agg(note, ',') FROM convonet_admin.account_freeze) || ' ' ||
            (SELECT string_agg(e.action, ',') FROM convonet_admin.token_cutoff c JOIN convonet_admin.audit_event e
             ON (e.account_id, e.occurred_at + interval '2 seconds') = (c.account_id, c.not_before))
        """

    private func said(_ database: TestDatabase, to users: [TestDatabase.User]) async throws -> Set<String> {
        var pools = try users.map { try database.pool($0) }
        pools.append(try database.superuserPool())
        var said: Set<String> = []
        for pool in pools {
            let found = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
            said.insert(found.first { $0.check == "log-rows" }.map { "\($0.message) \($0.mend ?? "")" } ?? "nothing")
        }
        return said
    }

    /// The events after a backup were put back, and the head is behind.
    @Test func whatTheEventsTellIsThereOnceTheHeadFollows() async throws {
        let (database, _) = try await scene()
        try await database.sql(
            """
            ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER moves_on;
            UPDATE convonet_admin.audit_head SET sequence = e.sequence, hash = e.hash
            FROM (SELECT * FROM convonet_admin.audit_event WHERE sequence = 1) e;
            ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER moves_on;
            DELETE FROM convonet_admin.account_freeze; DELETE FROM convonet_admin.token_cutoff;
            """)
        _ = try await Migrator(try database.pool()).migrate(following)
        #expect(try await database.sql(Self.kept) == "fraud sign_out")
        #expect(try await said(database, to: [.operator]) == ["nothing"])
    }

    /// The log is whole, and the tables are those of an older backup; or somebody wrote there.
    @Test(arguments: [
        "DELETE FROM convonet_admin.account_freeze; DELETE FROM convonet_admin.token_cutoff",
        "UPDATE convonet_admin.token_cutoff SET not_before = not_before - interval '1 day'",
        "INSERT INTO convonet_admin.account_freeze SELECT gen_random_uuid(), now(), 'x', 'y'",
        "UPDATE convonet_admin.account_freeze SET note = 'none'",
    ])
    func whatTheLogTellsOtherwiseIsNamedAndMended(damage: String) async throws {
        let (database, _) = try await scene()
        #expect(try await said(database, to: [.viewer, .operator, .auditor, .supervisor]) == ["nothing"])
        try await database.sql(damage)
        let said = try await said(database, to: [.viewer, .operator, .auditor, .supervisor])
        #expect(said.count == 1 && said.allSatisfy { $0.contains("migrate --follow-log") }, "\(said)")
        let migrator = Migrator(try database.pool())
        let plan = try await migrator.plan(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        #expect(plan.isEmpty && plan.notes.contains { $0.contains("The log tells otherwise") }, "\(plan)")
        #expect(try await !migrator.migrate(following).isEmpty)
        #expect(try await database.sql(Self.kept) == "fraud sign_out")
        #expect(try await migrator.plan(following).isEmpty)
    }

    /// Nobody is let go because the log lost the event that froze them.
    @Test func whatTheLogLostStays() async throws {
        let (database, _) = try await scene()
        try await database.sql(
            """
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER append_only;
            DELETE FROM convonet_admin.audit_event WHERE sequence > 1;
            ALTER TABLE convonet_admin.audit_event ENABLE ALWAYS TRIGGER append_only
            """)
        #expect(try await Migrator(try database.pool()).plan(following).isEmpty)
        #expect(try await said(database, to: [.operator]) == ["nothing"])
    }

    /// The list that the tables are made by is the one that the functions go by.
    @Test func everyActionThatEndsTokensIsKnown() async throws {
        let database = try await TestDatabase.make()
        let view = try await database.sql("SELECT pg_get_viewdef('convonet_admin.token_end')")
        let names = try await database.sql("SELECT name FROM convonet_admin.actions() WHERE ends_sessions")
        #expect(names.split(separator: "\n").count >= 4)
        for name in names.split(separator: "\n") { #expect(view.contains("'\(name)'"), "\(name)") }
    }
}
