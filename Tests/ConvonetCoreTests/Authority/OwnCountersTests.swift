import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Whose counters an operator's are, whoever comes or goes.
@Suite(.dropsDatabases) struct OwnCountersTests {
    /// An installation with groups of its own, and these roles as operators.
    private func installed(_ names: [String]) async throws -> TestDatabase {
        let database = try await TestDatabase.make(.application)
        for name in names { try await database.sql("CREATE ROLE \(database.name)_\(name) LOGIN") }
        let grants = names.map { MigrationRequest.Grant(kind: .operator, role: "\(database.name)_\($0)") }
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: "\(database.name)_", grants: grants))
        try await database.setPolicy("refusals_per_operator_hour = 2")
        return database
    }

    private func end(_ database: TestDatabase, _ names: [String]) async throws {
        try await Migrator(try database.pool()).uninstall()
        for name in names { try await database.sql("DROP ROLE \(database.name)_\(name)") }
    }

    /// Whether a change that has to be refused is, and rolled back; else there were too many of them.
    private func refused(_ database: TestDatabase, as name: String) async throws -> Bool {
        let call = """
            BEGIN;
            SELECT (convonet_admin.set_account_active(a.id, a.version, a.is_active, gen_random_uuid(), '{}')).outcome
            FROM convonet_admin.accounts a WHERE a.id = (SELECT min(o.id::text)::uuid FROM convonet_admin.accounts o);
            ROLLBACK;
            """
        do {
            return try await database.cluster.sql(call, database: database.name, user: "\(database.name)_\(name)")
                == "refused"
        } catch {
            try #require("\(error)".contains("too many events"), "\(error)")
            return false
        }
    }

    @Test func whoComesOrGoesMovesNobodyToOtherCounters() async throws {
        let database = try await installed(["a", "b", "c"])
        // Whoever rolls back has taken a slot for good all the same: by the third time it is full.
        #expect(try await refused(database, as: "b"))
        #expect(try await refused(database, as: "b"))
        #expect(try await !refused(database, as: "b"))
        // Both before and behind it in any order.
        try await database.sql("REVOKE \(database.name)_operator FROM \(database.name)_a")
        #expect(try await !refused(database, as: "b"))
        #expect(try await refused(database, as: "c"))
        try await database.sql(
            "GRANT \(database.name)_operator TO \(database.name)_a; REVOKE \(database.name)_operator FROM \(database.name)_c"
        )
        #expect(try await !refused(database, as: "b"))
        #expect(try await refused(database, as: "a"))
        #expect(
            try await database.sql(
                """
                SELECT count(DISTINCT convonet_admin.slot_of_role(r.oid)) FROM pg_roles r WHERE r.rolname IN
                ('\(database.name)_a', '\(database.name)_b', '\(database.name)_c')
                """) == "3")
        try await end(database, ["a", "b", "c"])
    }

    @Test func aSlotIsTakenForGoodAndWithoutWaiting() async throws {
        let database = try await TestDatabase.make()
        let take = "SELECT convonet_admin.take_slot(r.oid) FROM pg_roles r WHERE r.rolname = "
        let pool = try database.superuserPool()
        // Both would like the same place; the first neither commits nor keeps the second waiting.
        let (first, second) = (100_000, 100_064)
        try await pool.withConnection { open in
            try await open.run(script: "BEGIN; SELECT convonet_admin.take_slot(\(first));", limit: .seconds(10))
            let held = try await database.sql("SELECT convonet_admin.slot_of_role(\(first))")
            let next = try await database.sql("SET lock_timeout = '1s'; SELECT convonet_admin.take_slot(\(second))")
            #expect(held == "32" && next == "33")
            await open.rollback()
        }
        #expect(try await database.sql("SELECT convonet_admin.slot_of_role(\(first))") == "32")
        // There are no such roles, so that whoever comes when all are taken has theirs.
        try await database.sql("SELECT convonet_admin.take_slot((200000 + i)::oid) FROM generate_series(1, 62) i")
        #expect(Int(try await database.sql(take + "'test_operator'")) != nil)
        #expect(
            try await database.sql(take + "'test_operator'")
                == database.sql("SELECT convonet_admin.slot_of_role('test_operator'::regrole)"))
        // Where all belong to somebody, nobody loses theirs.
        try await database.sql(
            """
            SELECT setval('convonet_admin.slot_role_' || n, 'test_viewer'::regrole::oid::bigint) FROM generate_series(0, 63) n
            """)
        #expect(try await database.sql("SELECT convonet_admin.take_slot('test_operator'::regrole) IS NULL") == "t")
    }
}
