import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Whoever deletes somebody past us, be it to insert them again with another password.
@Suite(.dropsDatabases) struct DirectDeleteTests {
    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true)

    private func watched(_ change: String = "SELECT 1") async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        // The application's memberships would be in the way.
        try await database.sql("DELETE FROM team_memberships_convonet; \(change)", as: .owner)
        _ = try await Migrator(try database.pool()).migrate(request)
        return database
    }

    /// What the log has of it, once somebody of the staff did something.
    private func log(_ database: TestDatabase, after: Account) async throws -> [AuditEvent] {
        #expect(try await database.session().perform(.setActive(false), on: after).outcome == .done)
        let log = try await database.log()
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
        return log.dropLast()
    }

    @Test func whoIsDeletedAndComesAgainIsNoted() async throws {
        let database = try await watched()
        let people = try await database.session().people(3)
        try await database.sql(
            """
            CREATE TEMP TABLE kept AS SELECT * FROM users_convonet WHERE id IN ('\(people[0].idText)', '\(people[1].idText)');
            DELETE FROM users_convonet WHERE id = '\(people[0].idText)';
            UPDATE kept SET password_hash = '$2b$12$' || repeat('E', 53), voice_pin = NULL;
            INSERT INTO users_convonet SELECT * FROM kept WHERE id = '\(people[0].idText)';
            BEGIN; DELETE FROM users_convonet WHERE id = '\(people[1].idText)';
            INSERT INTO users_convonet SELECT * FROM kept WHERE id = '\(people[1].idText)'; COMMIT;
            BEGIN; DELETE FROM users_convonet; ROLLBACK;
            """, as: .owner)
        let log = try await log(database, after: people[2])
        #expect(log.map(\.action) == ["direct_delete", "direct_delete"])
        #expect(log.map(\.accountID) == [people[0].id, people[1].id] && log[0].accountEmail == people[0].email)
        #expect(log[0].detail?.hasPrefix("at=20") == true && log[0].dbUser == "convonet_owner")
        #expect(log[0].actorKind == "outside")
    }

    @Test func aTableThatIsEmptiedIsNotedOnce() async throws {
        let database = try await watched("CREATE TABLE kept AS SELECT * FROM users_convonet")
        try await database.sql(
            "TRUNCATE users_convonet CASCADE; INSERT INTO users_convonet SELECT * FROM kept", as: .owner)
        let log = try await log(database, after: try await database.session().person())
        #expect(log.map(\.action) == ["direct_delete"] && log[0].accountID == nil)
        #expect(log[0].detail?.hasPrefix("rows=all at=20") == true)
    }

    /// Who registers makes no noise, nor does what a trigger of ours would see of a partitioned table's moves.
    @Test func registrationsAndMovesMakeNoNoise() async throws {
        let database = try await watched(
            """
            ALTER TABLE users_convonet RENAME TO users_plain;
            CREATE TABLE users_convonet (LIKE users_plain INCLUDING DEFAULTS) PARTITION BY LIST (is_active);
            CREATE TABLE users_on PARTITION OF users_convonet FOR VALUES IN (true);
            CREATE TABLE users_off PARTITION OF users_convonet FOR VALUES IN (false);
            INSERT INTO users_convonet SELECT * FROM users_plain
            """)
        let people = try await database.session().people(2)
        try await database.sql(
            "UPDATE users_convonet SET is_active = false WHERE id = '\(people[0].idText)'", as: .owner)
        let log = try await log(database, after: people[1])
        #expect(log.map(\.action) == ["direct_change"])
        #expect(log[0].detail?.hasPrefix("columns=is_active ") == true)
    }

    @Test(arguments: ["delete", "truncate"]) func whichIsSwitchedOffIsSaid(kind: String) async throws {
        let database = try await watched()
        let migrator = Migrator(try database.pool())
        let bare = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        #expect(try await migrator.plan(bare).isEmpty)
        try await database.sql(
            "ALTER TABLE users_convonet DISABLE TRIGGER convonet_admin_direct_change_\(kind)", as: .owner)
        let look = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        #expect(await look.findings().contains { $0.check == "direct-changes" && $0.grade == .problem })
        _ = try await migrator.migrate(bare)
        #expect(await look.findings().allSatisfy { $0.grade != .problem })
        // It waits for nobody, and is in nobody's way.
        try await database.sql("DROP TABLE convonet_admin.direct_change CASCADE")
        #expect(await database.refusal(of: "DELETE FROM users_convonet", as: .owner) == nil)
    }

    @Test func aTransactionThatIsMadeReadOnlyDeletesNobody() async throws {
        let database = try await watched()
        #expect(
            await database.refusal(
                of: "DELETE FROM users_convonet RETURNING set_config('transaction_read_only', 'on', true)", as: .owner)
                != nil)
        #expect(try await database.sql("SELECT count(*) FROM users_convonet") == "200")
    }
}
