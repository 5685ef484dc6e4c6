import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct PartitionedTableTests {
    private static let prefix = "part_"

    /// The application's people in three partitions, one of them below another, in a schema with a name of its own.
    private func partitioned() async throws -> TestDatabase {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            """
            CREATE SCHEMA "Ugly ""Name";
            ALTER TABLE users_convonet RENAME TO users_plain;
            CREATE TABLE users_convonet (LIKE users_plain INCLUDING DEFAULTS) PARTITION BY HASH (id);
            CREATE TABLE users_0 PARTITION OF users_convonet FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE users_1 PARTITION OF users_convonet FOR VALUES WITH (MODULUS 2, REMAINDER 1)
                PARTITION BY LIST (is_active);
            CREATE TABLE "Ugly ""Name"."On" PARTITION OF users_1 FOR VALUES IN (true);
            CREATE TABLE "Ugly ""Name"."Off" PARTITION OF users_1 FOR VALUES IN (false);
            INSERT INTO users_convonet SELECT * FROM users_plain;
            """, as: .owner)
        return database
    }

    private func indexes(_ database: TestDatabase) async throws -> String {
        try await database.sql(
            """
            SELECT count(*) || ' ' || count(*) FILTER (WHERE x.indisvalid) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
            WHERE c.relname LIKE 'convonet_admin_search%'
            """)
    }

    @Test func theIndexIsBuiltPerPartitionAndServes() async throws {
        let database = try await partitioned()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: "\(database.name)_", grants: [.init(kind: .viewer, role: "test_viewer")]))
        let index = SearchIndex(try database.pool())
        let plan = try await index.plan()
        #expect(plan.summary.contains { $0.contains("its 3 partitions") })
        try await index.build { _, _, _ in }
        #expect(try await indexes(database) == "5 5")
        #expect(try await index.plan().isEmpty)
        let viewer = try await database.session(.viewer)
        #expect(viewer.accounts.hasSearchIndex)
        let statement = AccountPageStatement(selection: AccountSelection(text: "carter"), limit: 5, isIndexed: true)
        let explained = try await database.pool(.viewer).query("EXPLAIN \(statement.statement)", scans: .lastResort)
        #expect(try explained.contains { try $0.text(0).contains("convonet_admin_search") })
        // What is made later has its piece by itself.
        try await database.sql(
            """
            CREATE TABLE users_later (LIKE users_plain INCLUDING DEFAULTS);
            ALTER TABLE users_convonet DETACH PARTITION users_0;
            ALTER TABLE users_convonet ATTACH PARTITION users_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            """, as: .owner)
        #expect(try await index.plan().isEmpty)
        #expect(try await index.drop())
        #expect(try await indexes(database) == "0 0")
        #expect(try await !index.drop())
    }

    @Test func whatAnInterruptedBuildLeftIsBuiltAnewAndUninstallTakesItAway() async throws {
        let database = try await partitioned()
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(
            MigrationRequest(rolePrefix: "\(database.name)_", grants: [.init(kind: .viewer, role: "test_viewer")]))
        let index = SearchIndex(try database.pool())
        for statement in try await index.plan().statements.dropLast(2) { try await database.sql(statement, as: .owner) }
        let left = try await indexes(database)
        #expect(left.hasPrefix("5 ") && left != "5 5")
        let examination = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        #expect(await examination.findings().contains { $0.check == "search" && $0.grade == .warning })
        try await index.build { _, _, _ in }
        #expect(try await indexes(database) == "5 5")
        try await migrator.uninstall()
        #expect(try await indexes(database) == "0 0")
    }

    @Test func aPartitionOnAnotherServerIsNamed() async throws {
        let database = try await partitioned()
        try await database.sql(
            """
            CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
            DROP TABLE users_0;
            CREATE FOREIGN TABLE users_far PARTITION OF users_convonet FOR VALUES WITH (MODULUS 2, REMAINDER 0) SERVER far;
            """)
        await #expect {
            try await SearchIndex(try database.pool()).plan()
        } throws: { "\($0)".contains("public.users_far, a partition of public.users_convonet, is on another server") }
    }
}
