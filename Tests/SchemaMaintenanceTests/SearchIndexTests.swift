import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore
@testable import SchemaMaintenance

@Suite(.dropsDatabases) struct SearchIndexTests {
    private let state = """
        SELECT coalesce(string_agg(indisvalid::text, ','), 'none') FROM pg_index WHERE indexrelid::regclass::text = 'convonet_admin_search'
        """

    private func build(_ database: TestDatabase, as user: TestDatabase.User = .owner) async throws {
        try await SearchIndex(try database.pool(user)).build { _, _, _ in }
    }

    @Test func buildingTwiceBuildsOnceAndDroppingTakesItAway() async throws {
        let database = try await TestDatabase.make()
        let index = SearchIndex(try database.pool())
        #expect(try await !index.plan().isEmpty)
        try await build(database)
        #expect(try await database.sql(state) == "true")
        #expect(try await index.plan().isEmpty)
        let before = try await database.sql("SELECT 'convonet_admin_search'::regclass::oid")
        try await build(database)
        #expect(try await database.sql("SELECT 'convonet_admin_search'::regclass::oid") == before)
        #expect(try await index.drop())
        #expect(try await !index.drop())
        #expect(try await database.sql(state) == "none")
        #expect(try await !database.session(.viewer).accounts.hasSearchIndex)
    }

    @Test func whatAnInterruptedBuildLeftIsBuiltAnew() async throws {
        let database = try await TestDatabase.make()
        try await build(database)
        try await database.sql(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'convonet_admin_search'::regclass")
        #expect(try await !database.session(.viewer).accounts.hasSearchIndex)
        #expect(
            try await SearchIndex(try database.pool()).plan().summary.first
                == "Drop what an interrupted run or an earlier version left."
        )
        try await build(database)
        #expect(try await database.sql(state) == "true")
    }

    /// The server waits for an older transaction before it ends; until then the build can be cancelled.
    @Test func cancellingStopsTheServerAndLeavesNothing() async throws {
        let database = try await TestDatabase.make()
        try await database.pool(.operator).transaction(.snapshot) { blocker in
            _ = try await blocker.query("SELECT 1", limit: .seconds(10))
            let building = Task { try await build(database) }
            try await eventually("the build waits") {
                try await database.sql("SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'")
                    == "1"
            }
            await #expect(throws: AdminError.self) { try await build(database) }
            building.cancel()
            await #expect(throws: AdminError.database(.cancelled)) { try await building.value }
        }
        #expect(try await database.sql(state) == "none")
    }

    /// An index expression runs with the rights and the search_path of whoever writes.
    @Test func theApplicationWritesAsBefore() async throws {
        let database = try await TestDatabase.make()
        try await build(database)
        try await database.sql(
            """
            CREATE ROLE search_writer; GRANT INSERT, UPDATE, SELECT ON users_convonet TO search_writer;
            CREATE SCHEMA trap;
            CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'trapped'; END $$;
            REVOKE USAGE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA trap TO search_writer;
            SET search_path = trap, pg_catalog; SET ROLE search_writer;
            """)
        try await database.sql(
            """
            GRANT USAGE ON SCHEMA public TO search_writer; SET ROLE search_writer; SET search_path = trap, pg_catalog;
            INSERT INTO public.users_convonet VALUES (gen_random_uuid(), 'éve@x.test', 'ève', '!', 'Ève', 'Ğ', NULL, true, true, now(), now());
            UPDATE public.users_convonet SET first_name = 'ÉVA' WHERE username = 'ève';
            """)
        let found = try await database.session(.viewer).accounts.page(of: AccountSelection(text: "eva"), limit: 5)
        #expect(found.accounts.map(\.username) == ["ève"])
        try await database.sql("DROP OWNED BY search_writer; DROP ROLE search_writer")
    }

    @Test func theApplicationAltersItsTableAsBefore() async throws {
        let database = try await TestDatabase.make()
        try await build(database)
        let migrator = Migrator(try database.pool())
        try await migrator.detach()
        try await database.sql(
            "ALTER TABLE users_convonet ALTER COLUMN email TYPE text; ANALYZE users_convonet", as: .owner)
        #expect(try await database.sql(state) == "true")
        _ = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        let page = AccountPageStatement(selection: AccountSelection(text: "carter"), limit: 5, isIndexed: true)
        let plan = try await database.pool(.viewer).query("EXPLAIN \(page.statement)", scans: .lastResort)
        #expect(try plan.contains { try $0.text(0).contains("convonet_admin_search") })
        try await migrator.detach()
        try await database.sql("ALTER TABLE users_convonet DROP COLUMN last_name", as: .owner)
        #expect(try await database.sql(state) == "none")
    }

    @Test func uninstallTakesItAway() async throws {
        let database = try await TestDatabase.make()
        try await build(database)
        try await Migrator(try database.pool()).uninstall()
        #expect(try await database.sql(state) == "none")
    }

    @Test func whoDoesNotOwnTheTableIsToldWhoDoes() async throws {
        let database = try await TestDatabase.make()
        await #expect {
            try await build(database, as: .viewer)
        } throws: { error in
            "\(error)".contains("only that table's owner, convonet_owner,")
        }
    }

    /// Not even one that is there: what a hosted database forbids cannot be missed.
    @Test func itNeedsNoExtension() async throws {
        // Without roles: those of a database that is another's are refused to the next one that is made.
        let database = try await TestDatabase.make(.migratedWithoutRoles)
        try await database.sql(
            "ALTER DATABASE \(database.name) OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        try await database.sql("GRANT CREATE ON SCHEMA public TO convonet_owner")
        try await build(database)
        #expect(try await database.sql(state) == "true")
        #expect(try await database.sql("SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'") == "0")
    }

    @Test func anotherTablesIndexOfItsNameIsNotTakenForIt() async throws {
        let database = try await TestDatabase.make()
        try await build(database)
        let definition = try await database.sql("SELECT pg_get_indexdef('convonet_admin_search'::regclass)")
        #expect(try await SearchIndex(try database.pool()).drop())
        // The same index in every way, on a table of a stranger's.
        try await database.sql(
            """
            CREATE SCHEMA other AUTHORIZATION test_stranger; SET ROLE test_stranger;
            CREATE TABLE other.users_convonet (email text NOT NULL, username text NOT NULL, first_name text NOT NULL, last_name text NOT NULL);
            \(definition.replacing("public.users_convonet", with: "other.users_convonet"));
            """)
        #expect(try await !database.session(.viewer).accounts.hasSearchIndex)
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        #expect(found.contains { $0.check == "search" && $0.message.contains("There is no search index") }, "\(found)")
        try await build(database)
        #expect(try await database.session(.viewer).accounts.hasSearchIndex)
        try await Migrator(try database.pool()).uninstall()
        #expect(try await database.sql("SELECT count(*) FROM pg_class WHERE relname = 'convonet_admin_search'") == "1")
    }

    @Test func whoHasItsNameIsSaid() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("CREATE TABLE public.convonet_admin_search (n integer)")
        await #expect {
            try await build(database)
        } throws: { "\($0)".contains("table public.convonet_admin_search of postgres has the name") }
    }

    @Test func oneOfAnEarlierVersionIsBuiltAnew() async throws {
        let database = try await TestDatabase.make()
        try await build(database)
        let definition = try await database.sql("SELECT pg_get_indexdef('convonet_admin_search'::regclass)")
        try await database.sql("DROP INDEX convonet_admin_search")
        let earlier = String.UnicodeScalarView(definition.unicodeScalars.filter { $0 != "\u{200D}" })
        try await database.sql(String(earlier), as: .owner)
        #expect(try await !database.session(.viewer).accounts.hasSearchIndex)
        try await build(database)
        #expect(try await database.session(.viewer).accounts.hasSearchIndex)
    }

    @Test func oneOfAnotherKindIsBuiltAnew() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            "CREATE INDEX convonet_admin_search ON users_convonet USING gin (to_tsvector('simple', first_name))")
        #expect(try await !database.session(.viewer).accounts.hasSearchIndex)
        try await build(database)
        #expect(try await database.session(.viewer).accounts.hasSearchIndex)
    }
}
