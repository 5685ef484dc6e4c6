import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// The right to call the trigger's function, which whoever makes partitions of a watched table needs, and what it is worth.
@Suite(.dropsDatabases) struct WatchedPartitionTests {
    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true)

    private static let byActivity = """
        ALTER TABLE users_convonet RENAME TO users_plain;
        CREATE TABLE users_convonet (LIKE users_plain INCLUDING DEFAULTS) PARTITION BY LIST (is_active);
        CREATE TABLE users_on PARTITION OF users_convonet FOR VALUES IN (true);
        INSERT INTO users_convonet SELECT * FROM users_plain WHERE is_active;
        """

    private func watched(_ template: TestDatabase.Template = .migrated) async throws -> TestDatabase {
        let database = try await TestDatabase.quick(template)
        try await database.sql(Self.byActivity, as: .owner)
        var request = request
        request.withoutRoles = template == .migratedWithoutRoles
        _ = try await Migrator(try database.pool()).migrate(request)
        return database
    }

    private func noted(_ database: TestDatabase) async throws -> String {
        try await database.sql("SELECT count(*) FROM convonet_admin.direct_change")
    }

    private func expectWell(_ database: TestDatabase) async throws {
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        #expect(found.allSatisfy { $0.grade != .problem }, "\(found)")
    }

    @Test(arguments: [
        "CREATE TABLE users_off PARTITION OF users_convonet FOR VALUES IN (false)",
        """
        CREATE TABLE users_off (LIKE users_plain INCLUDING DEFAULTS);
        ALTER TABLE users_convonet ATTACH PARTITION users_off FOR VALUES IN (false)
        """,
        """
        CREATE TABLE users_off PARTITION OF users_convonet FOR VALUES IN (false) PARTITION BY HASH (id);
        CREATE TABLE users_off_all PARTITION OF users_off FOR VALUES WITH (MODULUS 1, REMAINDER 0)
        """,
    ])
    func theOwnerMakesPartitionsThatAreWatched(partition: String) async throws {
        for template in [TestDatabase.Template.migrated, .migratedWithoutRoles] {
            let database = try await watched(template)
            try await database.sql(partition, as: .owner)
            try await database.sql(
                "INSERT INTO users_convonet SELECT * FROM users_plain WHERE NOT is_active", as: .owner)
            try await database.sql(
                "UPDATE users_convonet SET voice_pin = NULL WHERE id = (SELECT id FROM users_off WHERE voice_pin IS NOT NULL LIMIT 1)",
                as: .owner)
            #expect(try await noted(database) == "1")
            if template == .migrated { try await expectWell(database) }
        }
    }

    /// On another table, under whatever name, it notes nothing, and is in nobody's way; under the users' table's old name or in
    /// its place it cannot be either, while our view reads the other.
    @Test(arguments: [
        "CREATE TABLE mine AS SELECT * FROM users_plain LIMIT 1",
        "CREATE TABLE whole (LIKE users_plain) PARTITION BY LIST (is_verified); CREATE TABLE mine PARTITION OF whole DEFAULT; INSERT INTO mine SELECT * FROM users_plain LIMIT 1",
        "CREATE TABLE mine (id uuid, email text, username text, password_hash text, voice_pin text, is_active boolean); INSERT INTO mine VALUES (gen_random_uuid(), 'ceo@example.org', 'ceo', 'x', NULL, true)",
    ])
    func onAnotherTableItNotesNothing(table: String) async throws {
        let database = try await watched()
        // Else the owner could not even name it.
        try await database.sql("GRANT USAGE ON SCHEMA convonet_admin TO convonet_owner")
        try await database.sql(
            """
            \(table);
            CREATE TRIGGER forged AFTER UPDATE OR INSERT OR DELETE ON mine FOR EACH ROW
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            UPDATE mine SET password_hash = 'y', voice_pin = '271828';
            INSERT INTO mine SELECT * FROM mine; DELETE FROM mine WHERE ctid IN (SELECT m.ctid FROM mine m LIMIT 1);
            """, as: .owner)
        #expect(try await noted(database) == "0")
        #expect(try await database.sql("SELECT password_hash FROM mine") == "y")
        let call = await database.refusal(of: "SELECT convonet_admin.note_direct_change()", as: .owner)
        #expect(call?.contains("trigger functions can only be called as triggers") == true, "\(call ?? "done")")
        // Nor does anybody else have the right.
        #expect(
            try await database.sql(
                """
                SELECT string_agg(r.rolname, ' ') FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> 'desk_owner'
                    AND has_function_privilege(r.oid, 'convonet_admin.note_direct_change()', 'EXECUTE')
                """) == "convonet_owner")
    }

    /// In the users' table's place, under its name, it notes nothing either; and of that table all the same, under whatever name. An
    /// owner who may see when passwords changed can name the trigger's function.
    @Test(arguments: [
        "CREATE TABLE users_convonet (LIKE elsewhere)",
        "CREATE TABLE users_convonet (LIKE elsewhere) PARTITION BY LIST (is_verified); CREATE TABLE forged PARTITION OF users_convonet DEFAULT",
        "CREATE TABLE forged (LIKE elsewhere); CREATE TABLE users_convonet () INHERITS (forged)",
    ])
    func inItsPlaceItNotesNothing(table: String) async throws {
        let database = try await watched()
        // As whoever is in the application's group may.
        try await database.sql("GRANT USAGE ON SCHEMA convonet_admin TO convonet_owner")
        let change =
            "UPDATE elsewhere SET voice_pin = NULL WHERE id = (SELECT id FROM elsewhere WHERE voice_pin IS NOT NULL LIMIT 1)"
        try await database.sql(
            """
            ALTER TABLE users_convonet RENAME TO elsewhere;
            \(table);
            CREATE TRIGGER convonet_admin_direct_change AFTER UPDATE OR DELETE ON users_convonet FOR EACH ROW
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            CREATE TRIGGER convonet_admin_direct_change_truncate AFTER TRUNCATE ON users_convonet FOR EACH STATEMENT
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            INSERT INTO users_convonet SELECT * FROM users_plain;
            UPDATE users_convonet SET id = gen_random_uuid(), email = 'nobody' || id, password_hash = 'x';
            DELETE FROM users_convonet; TRUNCATE users_convonet;
            """, as: .owner)
        #expect(try await noted(database) == "0")
        try await database.sql(change, as: .owner)
        #expect(try await noted(database) == "1")
        // Back in its place, all is as it was.
        try await database.sql("REVOKE USAGE ON SCHEMA convonet_admin FROM convonet_owner")
        try await database.sql(
            "DROP TABLE users_convonet CASCADE; ALTER TABLE elsewhere RENAME TO users_convonet", as: .owner)
        try await expectWell(database)
        try await database.sql(change.replacing("elsewhere", with: "users_convonet"), as: .owner)
        #expect(try await noted(database) == "2")
    }

    /// Who takes its name away for a moment is noted all the same.
    @Test func anotherNameHidesNothing() async throws {
        let database = try await watched()
        try await database.sql(
            """
            BEGIN; ALTER TABLE users_convonet RENAME TO elsewhere;
            UPDATE elsewhere SET voice_pin = NULL WHERE id = (SELECT id FROM elsewhere WHERE voice_pin IS NOT NULL LIMIT 1);
            ALTER TABLE elsewhere RENAME TO users_convonet; COMMIT
            """, as: .owner)
        #expect(try await noted(database) == "1")
    }

    @Test func theTablesNewOwnerIsGivenTheRight() async throws {
        let database = try await watched()
        let owner = "\(database.name)_app"
        try await database.sql(
            """
            CREATE ROLE \(owner) LOGIN; GRANT CREATE ON SCHEMA public TO \(owner);
            ALTER TABLE users_convonet OWNER TO \(owner); ALTER TABLE users_on OWNER TO \(owner);
            """)
        let make = "CREATE TABLE users_off PARTITION OF users_convonet FOR VALUES IN (false)"
        func create() async throws { try await database.cluster.sql(make, database: database.name, user: owner) }
        await #expect(throws: ClusterFailure.self) { try await create() }
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        let finding = try #require(found.first { $0.check == "direct-changes" })
        #expect(finding.grade == .problem && finding.mend?.contains("convonet-admin migrate") == true)
        _ = try await Migrator(try database.superuserPool()).migrate(request)
        try await create()
        try await expectWell(database)
        #expect(
            try await database.sql(
                "SELECT has_function_privilege('convonet_owner', 'convonet_admin.note_direct_change()', 'EXECUTE')")
                == "f")
        var unwatching = request
        unwatching.watchesDirectChanges = false
        _ = try await Migrator(try database.superuserPool()).migrate(unwatching)
        #expect(
            try await database.sql(
                "SELECT has_function_privilege('\(owner)', 'convonet_admin.note_direct_change()', 'EXECUTE')") == "f")
        try await database.sql(
            "REASSIGN OWNED BY \(owner) TO convonet_owner; DROP OWNED BY \(owner); DROP ROLE \(owner)")
    }
}
