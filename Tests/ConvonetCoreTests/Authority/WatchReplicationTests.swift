import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Changes that are applied as a replica's, for which ordinary triggers do not run.
@Suite(.dropsDatabases) struct WatchReplicationTests {
    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true)

    private func noted(_ database: TestDatabase) async throws -> String {
        try await database.sql("SELECT string_agg(columns, ' ' ORDER BY id) FROM convonet_admin.direct_change")
    }

    @Test func aSessionThatCallsItselfAReplicaIsNoted() async throws {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(request)
        let people = try await database.session().people(2)
        try await database.sql(
            """
            DELETE FROM team_memberships_convonet; SET session_replication_role = replica; SET ROLE convonet_owner;
            UPDATE users_convonet SET voice_pin = '271828' WHERE id = '\(people[0].idText)';
            DELETE FROM users_convonet WHERE id = '\(people[1].idText)'; TRUNCATE users_convonet CASCADE
            """)
        #expect(try await noted(database) == "voice_pin gone:delete gone:truncate")
    }

    @Test func aPartitionsChangesAreNotedToo() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            ALTER TABLE users_convonet RENAME TO users_plain;
            CREATE TABLE users_convonet (LIKE users_plain INCLUDING DEFAULTS) PARTITION BY LIST (is_active);
            CREATE TABLE users_on PARTITION OF users_convonet FOR VALUES IN (true);
            INSERT INTO users_convonet SELECT * FROM users_plain WHERE is_active;
            """, as: .owner)
        _ = try await Migrator(try database.pool()).migrate(request)
        try await database.sql(
            """
            CREATE TABLE users_off PARTITION OF users_convonet FOR VALUES IN (false);
            INSERT INTO users_convonet SELECT * FROM users_plain WHERE NOT is_active;
            """, as: .owner)
        try await database.sql(
            """
            SET session_replication_role = replica;
            UPDATE users_on SET voice_pin = NULL WHERE id = (SELECT id FROM users_on WHERE voice_pin IS NOT NULL LIMIT 1);
            UPDATE users_off SET voice_pin = NULL WHERE id = (SELECT id FROM users_off WHERE voice_pin IS NOT NULL LIMIT 1);
            """)
        #expect(try await noted(database) == "voice_pin voice_pin")
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        #expect(found.contains { $0.check == "direct-changes" && $0.grade == .ok }, "\(found)")
    }

    /// Whoever has it run for ordinary sessions alone has changed it.
    @Test func oneThatIsOnlyOnIsNotWell() async throws {
        let database = try await TestDatabase.quick()
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(request)
        let look = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        for name in ["", "_delete", "_truncate"] {
            try await database.sql(
                "ALTER TABLE users_convonet ENABLE TRIGGER convonet_admin_direct_change\(name)", as: .owner)
            #expect(await look.findings().contains { $0.check == "direct-changes" && $0.grade == .problem })
            _ = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
            #expect(await look.findings().contains { $0.check == "direct-changes" && $0.grade == .ok })
        }
    }

    /// A subscription, which applies what another database publishes.
    @Test func whatASubscriptionAppliesIsNoted() async throws {
        let cluster = try PrivateCluster.start(
            PrivateCluster.Options(settings: ["wal_level": "logical", "max_wal_senders": "4"]))
        defer { cluster.stop() }
        try await cluster.sql(
            TestDatabase.User.allCases.map { "CREATE ROLE \($0.rawValue) LOGIN;" }.joined()
                + "ALTER ROLE convonet_owner CREATEROLE")
        for name in ["publisher", "subscriber"] {
            try await cluster.sql("CREATE DATABASE \(name) OWNER convonet_owner")
            try await cluster.sql(
                "SET ROLE convonet_owner;\n" + ApplicationSchema.tables() + ApplicationSchema.people(5), database: name)
        }
        let (publisher, subscriber) = (
            TestDatabase(in: cluster, name: "publisher"), TestDatabase(in: cluster, name: "subscriber")
        )
        _ = try await Migrator(try subscriber.pool()).migrate(request)
        try await publisher.sql(
            "CREATE PUBLICATION people FOR TABLE users_convonet; SELECT pg_create_logical_replication_slot('people', 'pgoutput')"
        )
        try await subscriber.sql(
            """
            CREATE SUBSCRIPTION people CONNECTION '\(cluster.connectionString(database: "publisher").replacing("'", with: "''"))'
            PUBLICATION people WITH (create_slot = false, slot_name = 'people', copy_data = false)
            """)
        try await publisher.sql(
            "UPDATE users_convonet SET voice_pin = '271828' WHERE id = (SELECT id FROM users_convonet ORDER BY id LIMIT 1)"
        )
        try await eventually("the change arrives") {
            try await subscriber.sql("SELECT count(*) FROM users_convonet WHERE voice_pin = '271828'") == "1"
        }
        #expect(try await noted(subscriber) == "voice_pin")
    }
}
