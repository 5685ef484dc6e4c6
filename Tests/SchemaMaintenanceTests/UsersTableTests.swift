import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// A users' table that our functions could not change rightly is refused before anything is, with what mends it.
@Suite(.dropsDatabases) struct UsersTableTests {
    private static let changes = [
        (
            "ALTER TABLE users_convonet DROP COLUMN is_verified, ADD COLUMN is_verified boolean GENERATED ALWAYS AS (email <> '') STORED",
            "column is_verified"
        ),
        (
            "ALTER TABLE users_convonet DROP COLUMN updated_at, ADD COLUMN updated_at timestamptz GENERATED ALWAYS AS (created_at) STORED",
            "column updated_at"
        ),
        (
            """
            ALTER TABLE users_convonet DROP COLUMN voice_pin,
                ADD COLUMN voice_pin text GENERATED ALWAYS AS (right(username, 4)) STORED
            """, "column voice_pin"
        ),
        (
            """
            ALTER TABLE team_memberships_convonet DROP CONSTRAINT team_memberships_convonet_user_id_fkey;
            ALTER TABLE users_convonet DROP CONSTRAINT users_convonet_pkey, ALTER COLUMN id SET NOT NULL
            """, "same id"
        ),
        (
            """
            ALTER TABLE team_memberships_convonet DROP CONSTRAINT team_memberships_convonet_user_id_fkey;
            ALTER TABLE users_convonet DROP CONSTRAINT users_convonet_pkey; CREATE UNIQUE INDEX ON users_convonet (id);
            ALTER TABLE users_convonet ALTER COLUMN id DROP NOT NULL
            """, "may be NULL"
        ),
        (
            """
            ALTER TABLE team_memberships_convonet DROP CONSTRAINT team_memberships_convonet_user_id_fkey;
            ALTER TABLE users_convonet DROP CONSTRAINT users_convonet_pkey; ALTER TABLE users_convonet ALTER COLUMN id SET NOT NULL;
            CREATE UNIQUE INDEX ON users_convonet (id) WHERE is_active; CREATE UNIQUE INDEX ON users_convonet (id, email)
            """, "same id"
        ),
    ]

    @Test(arguments: changes) func isRefusedWithWhatMendsIt(change: String, reason: String) async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(change, as: .owner)
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        let words = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }?.description ?? ""
        #expect(words.contains(reason), "\(words)")
        #expect(try await database.sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE '\(database.name)_%'") == "0")
        let start = try #require(words.firstRange(of: "ALTER TABLE")?.lowerBound, "\(words)")
        try await database.sql(String(words[start...].prefix { $0 != ";" }), as: .owner)
        #expect(try await !migrator.migrate(request).isEmpty)
        try await migrator.uninstall()
    }

    /// What we only read may be generated; and doctor says of the rest what migrate does.
    @Test func whatIsOnlyReadMayBeGenerated() async throws {
        let database = try await TestDatabase.make()
        let migrator = Migrator(try database.pool())
        try await migrator.detach()
        try await database.sql(
            """
            ALTER TABLE users_convonet DROP COLUMN last_name, ADD COLUMN last_name text NOT NULL
                GENERATED ALWAYS AS (upper(username)) STORED;
            """, as: .owner)
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        _ = try await migrator.migrate(request)
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        try await migrator.detach()
        try await database.sql(
            "ALTER TABLE users_convonet DROP COLUMN is_active, ADD COLUMN is_active boolean NOT NULL GENERATED ALWAYS AS (true) STORED",
            as: .owner)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(
            found.contains {
                $0.check == "users-table" && $0.grade == .problem && $0.message.contains("DROP EXPRESSION")
            },
            "\(found)")
    }
}
