import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What rests on ours is named with whose it is and with a statement that the server takes; and nothing else is.
@Suite(.dropsDatabases) struct DependentsTests {
    private func refusal(_ body: () async throws -> Void) async -> String {
        await #expect(throws: AdminError.self) { try await body() }?.description ?? ""
    }

    /// The statements of an advice, as they are written.
    private func drops(in words: String) throws -> String {
        let start = try #require(words.firstRange(of: "owner or a superuser: ")?.upperBound, "\(words)")
        let end = try #require(words.firstRange(of: " Create again afterwards")?.lowerBound, "\(words)")
        return String(words[start..<end])
    }

    @Test(arguments: [
        (
            "CREATE TABLE mine.people (hash text, is_hash boolean GENERATED ALWAYS AS (convonet_admin.is_bcrypt(hash)) STORED)",
            "ALTER TABLE mine.people ALTER COLUMN is_hash DROP EXPRESSION;"
        ),
        (
            "CREATE TABLE mine.people (hash text, is_hash boolean DEFAULT convonet_admin.is_bcrypt(''))",
            "ALTER TABLE mine.people ALTER COLUMN is_hash DROP DEFAULT;"
        ),
        (
            "CREATE DOMAIN mine.hash AS text CHECK (convonet_admin.is_bcrypt(VALUE))",
            "ALTER DOMAIN mine.hash DROP CONSTRAINT hash_check;"
        ),
        (
            "CREATE TABLE mine.people (hash text, name text); CREATE STATISTICS mine.pair ON (convonet_admin.is_bcrypt(hash)), name FROM mine.people",
            "DROP STATISTICS mine.pair;"
        ),
        (
            """
            RESET ROLE; CREATE OPERATOR mine.=== (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = convonet_admin.numeric_claim);
            ALTER OPERATOR mine.=== (jsonb, text) OWNER TO test_viewer
            """, "DROP OPERATOR mine.===(pg_catalog.jsonb,pg_catalog.text);"
        ),
    ])
    func isNamedWithItsOwnerAndWhatTheServerTakes(made: String, drop: String) async throws {
        let database = try await TestDatabase.make()
        if made.contains("STATISTICS"), try await database.sql("SHOW server_version_num").hasPrefix("13") { return }
        try await database.sql("CREATE SCHEMA mine AUTHORIZATION test_viewer; SET ROLE test_viewer; \(made);")
        let migrator = Migrator(try database.pool())
        let words = await refusal { try await migrator.uninstall() }
        #expect(words.contains(drop) && words.contains(" of test_viewer"), "\(words)")
        try await database.sql(try drops(in: words), as: .viewer)
        try await migrator.uninstall()
    }

    /// What rests on what was found last is not looked for any more, and that is said.
    @Test func aLongChainIsSaidToBeOne() async throws {
        let database = try await TestDatabase.make()
        let views = (1...12).map {
            "CREATE VIEW mine.v\($0) AS SELECT * FROM \($0 == 1 ? "convonet_admin.accounts" : "mine.v\($0 - 1)");"
        }
        try await database.sql(
            "CREATE SCHEMA mine AUTHORIZATION test_viewer; SET ROLE test_viewer; \(views.joined())")
        let migrator = Migrator(try database.pool())
        var words = await refusal { try await migrator.uninstall() }
        #expect(words.contains("More rests on the first of these"), "\(words)")
        #expect(
            await database.refusal(of: try drops(in: words), as: .viewer)?.contains("view mine.v9 depends on") == true)
        try await database.sql("DROP VIEW mine.v9, mine.v10, mine.v11, mine.v12", as: .viewer)
        words = await refusal { try await migrator.uninstall() }
        try await database.sql(try drops(in: words), as: .viewer)
        try await migrator.uninstall()
    }

    /// A step that makes all rows of a table anew cannot where others have a column of such rows. A view on it is not in the way.
    @Test func aColumnOfOurRowsIsNamedAndNothingElse() async throws {
        let database = try await UpgradeTests.oldDatabase(version: 4)
        try await database.sql(
            """
            CREATE VIEW public.innocent AS SELECT line FROM convonet_admin.as_installed;
            CREATE FUNCTION public.harmless() RETURNS convonet_admin.as_installed LANGUAGE sql AS 'SELECT NULL';
            CREATE TABLE public.kept (rows convonet_admin.as_installed[]); CREATE VIEW public.shown AS SELECT rows FROM public.kept;
            """)
        let migrator = Migrator(try database.pool())
        let words = await refusal { _ = try await migrator.migrate(UpgradeTests.request(database)) }
        #expect(
            try drops(in: words) == "DROP VIEW public.shown; ALTER TABLE public.kept DROP COLUMN rows;", "\(words)")
        try await database.sql(try drops(in: words))
        #expect(try await !migrator.migrate(UpgradeTests.request(database)).isEmpty)
        try await database.sql("DROP VIEW public.innocent; DROP FUNCTION public.harmless()")
        try await migrator.uninstall()
    }

    /// Where something else was not supported, as by an event trigger that says so.
    @Test func nobodyIsBlamedForWhatElseIsNotSupported() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE VIEW public.innocent AS SELECT minimum_length FROM convonet_admin.policy;
            CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
                $f$ BEGIN RAISE EXCEPTION 'not here' USING ERRCODE = 'feature_not_supported'; END $f$;
            REVOKE USAGE ON SCHEMA convonet_admin FROM desk_operator;
            CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION public.refuse();
            """)
        let words = await refusal {
            _ = try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
        #expect(words.contains("SQLSTATE 0A000") && !words.contains("innocent"), "\(words)")
    }
}
