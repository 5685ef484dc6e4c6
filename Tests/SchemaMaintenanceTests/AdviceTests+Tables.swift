import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What is said of the application's table and of ours.
extension AdviceTests {
    @Test func anotherTableThanIsThere() async throws {
        let database = try await TestDatabase.make(.application)
        func found(_ table: QualifiedName) async throws -> Finding? {
            await DatabaseExamination(try database.pool(), usersTable: table).findings().first { $0.check == "rights" }
        }
        #expect(try await found(QualifiedName(parsing: "users_anthropic"))?.mend?.contains("set users_table") == true)
        #expect(try await found(.usersConvonet)?.grade != .problem)
    }

    @Test func aColumnThatIsGone() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("ALTER TABLE users_convonet RENAME last_name TO family_name", as: .owner)
        #expect(try await advice("users-table", database).contains("Ask the application's team to restore it"))
        try await database.sql("ALTER TABLE users_convonet RENAME family_name TO last_name", as: .owner)
        try await expectWell("users-table", database)
    }

    /// A check that cannot be made says why, with the words of that.
    @Test func aTableThatIsGone() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("ALTER TABLE users_convonet RENAME TO users_elsewhere", as: .owner)
        let search = try await findings(database).filter { $0.check == "search" }
        let missing = AdminError.usersTableMissing("public.users_convonet").description
        #expect(search.map(\.message) == ["Could not be checked: \(missing)"])
    }

    /// What is found by its name beside the users' table, and who could give something that name.
    @Test func somebodyElsesBesideTheTable() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("GRANT CREATE ON SCHEMA public TO PUBLIC")
        try await database.sql(
            "CREATE VIEW convonet_admin_phone_numbers AS SELECT gen_random_uuid() AS account_id, ''::text AS number",
            as: .stranger)
        try await database.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        let words = try await advice("neighbours", database)
        #expect(words.contains("ALTER VIEW \"public\".\"convonet_admin_phone_numbers\" OWNER TO \"convonet_owner\""))
        try await database.sql(try statement("ALTER VIEW", in: words))
        try await database.sql("GRANT CREATE ON SCHEMA public TO PUBLIC, test_operator")
        try await database.sql(try statement("REVOKE", in: try await advice("neighbours", database)))
        #expect(try await findings(database).filter { $0.check == "neighbours" }.isEmpty)
    }

    /// What the users' table is made of and is somebody else's, who may not read people or may.
    @Test(arguments: [
        "CREATE TRIGGER t BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION crm.t()",
        "CREATE INDEX ON users_convonet (crm.f(username))",
        "ALTER TABLE users_convonet ADD CHECK (crm.f(username) IS NOT NULL)",
        "CREATE POLICY p ON users_convonet TO test_viewer USING (EXISTS (SELECT FROM crm.contacts))",
        "ALTER TABLE users_convonet ADD COLUMN kind crm.kind",
        "ALTER TABLE users_convonet ADD COLUMN code text DEFAULT crm.f('')",
        "CREATE TABLE part () INHERITS (users_convonet); ALTER TABLE part OWNER TO test_stranger",
        // By way of something of the application's own.
        "CREATE DOMAIN code AS text CHECK (crm.f(VALUE) <> 'x'); ALTER TABLE users_convonet ADD COLUMN code code",
        """
        CREATE FUNCTION same(a text, b text) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT crm.f(a) = b; END;
        CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = same);
        ALTER TABLE users_convonet ADD CHECK (username === username)
        """,
        """
        CREATE FUNCTION step(a text, b text) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT crm.f(b); END;
        CREATE AGGREGATE last(text) (SFUNC = step, STYPE = text);
        CREATE POLICY p ON users_convonet TO test_viewer USING ((SELECT last('a')) = 'a')
        """,
        """
        CREATE UNIQUE INDEX pins ON users_convonet (voice_pin);
        CREATE TABLE caller (pin varchar REFERENCES users_convonet (voice_pin) ON UPDATE CASCADE);
        ALTER TABLE caller OWNER TO test_stranger
        """,
    ])
    func somebodyElsesPartOfTheTable(making: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql("CREATE SCHEMA crm; GRANT ALL ON SCHEMA crm TO PUBLIC")
        try await database.sql(
            """
            CREATE TABLE crm.contacts (user_id uuid); GRANT SELECT ON crm.contacts TO PUBLIC; CREATE TYPE crm.kind AS ENUM ('a');
            CREATE FUNCTION crm.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE FUNCTION crm.f(t text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT t';
            """, as: .stranger)
        #expect(try await findings(database).filter { $0.check == "neighbours" }.isEmpty)
        try await database.sql("SET ROLE convonet_owner; SET ROLE postgres; \(making)")
        func found() async throws -> Finding? { try await findings(database).first { $0.check == "neighbours" } }
        let finding = try #require(try await found())
        #expect(finding.grade == .problem)
        #expect(finding.message.contains("test_stranger") && finding.message.contains("hashes and PINs"))
        try await database.sql("GRANT SELECT ON users_convonet TO test_stranger")
        #expect(try await found()?.grade == .warning)
        try await database.sql("REASSIGN OWNED BY test_stranger TO convonet_owner")
        #expect(try await found() == nil)
    }

    /// A function of the application's whose variables are of what whoever calls it first calls a text.
    @Test(arguments: ["trigger", "policy"]) func aFunctionWithoutAPathOfItsOwn(caller: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE FUNCTION tidy(n text) RETURNS text LANGUAGE plpgsql AS 'DECLARE t text; BEGIN t := btrim(n); RETURN t; END';
            CREATE FUNCTION person() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN NEW.first_name := public.tidy(NEW.first_name); RETURN NEW; END'
            """, as: .owner)
        // What is compiled calls none of them.
        try await database.sql(
            """
            CREATE FUNCTION public.letters(text) RETURNS integer IMMUTABLE LANGUAGE internal AS 'textlen';
            ALTER TABLE users_convonet ADD CHECK (letters(username) > 0)
            """)
        try await expectNothing("paths", database)
        try await database.sql(
            caller == "trigger"
                ? "CREATE TRIGGER p BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION person()"
                : "CREATE POLICY p ON users_convonet USING (tidy(username) <> '')", as: .owner)
        let advice = try await advice("paths", database)
        try await database.sql(try statement("ALTER ROUTINE", in: advice), as: .owner)
        try await expectNothing("paths", database)
        try await database.sql("ALTER FUNCTION tidy SET search_path = \"$user\", public", as: .owner)
        #expect(try await self.advice("paths", database).contains("REVOKE EXECUTE"))
        try await database.sql(
            "REVOKE EXECUTE ON FUNCTION tidy FROM PUBLIC; GRANT EXECUTE ON FUNCTION tidy TO desk_hand", as: .owner)
        try await expectNothing("paths", database)
    }

    /// Code of the application's with "$user" in its search_path would look there first.
    @Test(arguments: ["hand", "reader"]) func aSchemaThatIsCalledAsARole(kind: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql("CREATE SCHEMA desk_\(kind) AUTHORIZATION test_stranger")
        let rename = try statement("ALTER SCHEMA", in: try await advice("owners", database))
        try await database.sql(rename.replacing("…", with: "elsewhere"))
        try await expectWell("owners", database)
    }

    /// Citus keeps a list of its tables, of which this makes one.
    @Test func aTableThatIsDistributedIsRefused() async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            """
            SET allow_system_table_mods = on;
            CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass); GRANT SELECT ON pg_catalog.pg_dist_partition TO PUBLIC;
            INSERT INTO pg_catalog.pg_dist_partition VALUES ('teams_convonet')
            """)
        let migrator = Migrator(try database.pool())
        #expect(try await !migrator.plan(request).isEmpty)
        try await database.sql("INSERT INTO pg_catalog.pg_dist_partition VALUES ('users_convonet')")
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }
        #expect(error?.description.contains("SELECT undistribute_table('\"public\".\"users_convonet\"')") == true)
        #expect(try await database.sql("SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
    }

    @Test func aTableThatInherits() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("CREATE TABLE guests (room text) INHERITS (users_convonet)", as: .owner)
        try await database.sql(try statement("ALTER TABLE", in: try await advice("users-table", database)), as: .owner)
        try await expectWell("users-table", database)
    }

    @Test func anIndexThatWasNotBuiltToItsEnd() async throws {
        let database = try await TestDatabase.make()
        let index = SearchIndex(try database.pool())
        try await index.build { _, _, _ in }
        func spoil() async throws {
            try await database.sql(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'convonet_admin_search'::regclass")
        }
        try await spoil()
        #expect(try await advice("search", database).contains("--search-index” again, or --drop-search-index"))
        try await index.build { _, _, _ in }
        try await expectWell("search", database)
        try await spoil()
        _ = try await index.drop()
        try await expectWell("search", database)
    }

    /// What is made of our tables is restored by hand, from what the finding names.
    @Test func aTableOfOursThatWasChanged() async throws {
        let database = try await TestDatabase.make()
        let index = try await database.sql("SELECT pg_get_indexdef('convonet_admin.audit_event_done_once'::regclass)")
        try await database.sql("DROP INDEX convonet_admin.audit_event_done_once")
        #expect(try await advice("installed", database).contains("restore it as a superuser"))
        try await database.sql(index)
        try await expectWell("installed", database)
    }

    @Test func refusalsThatAreOnlyCounted() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("self_service_refusals_per_hour = 1")
        let person = try await database.session().person()
        let call =
            "SELECT outcome FROM convonet_admin.self_record_refusal('reset_password', '\(person.idText)', 'password_empty', gen_random_uuid(), '{}');"
        for _ in 0..<3 { try await database.sql(call, as: .selfService) }
        let advice = try await advice("refusals", database)
        #expect(advice.contains("next event of self-service") && advice.contains("self_service_refusals_per_hour="))
        #expect(try await findings(database).contains { $0.message.contains(" 2 attempts are only counted") })
        try await database.setPolicy("self_service_refusals_per_hour = 100")
        try await database.sql(call, as: .selfService)
        try await expectNothing("refusals", database)
    }

    @Test func transactionsThatArePrepared() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            "BEGIN; UPDATE users_convonet SET last_login_at = now(); PREPARE TRANSACTION 'o''clock \(database.name)';",
            as: .owner)
        try await database.sql(try statement("ROLLBACK PREPARED", in: try await advice("locks", database)), as: .owner)
        try await expectWell("locks", database)
    }

    /// Whoever keeps a queue of self-service locked is named as whoever keeps the head, also while nobody waits for it.
    @Test(arguments: [("self_tidy()", "reset_token"), ("self_take_mail(sha256('a'), '{}')", "mail_queue")])
    func rowsOfSelfServiceThatAreLocked(call: String, table: String) async throws {
        let database = try await TestDatabase.make()
        try await database.pool(.selfService).withConnection { connection in
            try await connection.run(script: "BEGIN; SELECT convonet_admin.\(call);", limit: .seconds(30))
            let found = try #require(try await findings(database).first { $0.check == "locks" })
            #expect(
                found.message.contains("keeps rows of ") && found.message.contains(table)
                    && found.mend?.contains("pg_terminate_backend") == true, "\(found)")
            try await connection.run(script: "ROLLBACK;", limit: .seconds(30))
        }
        try await expectWell("locks", database)
    }

    /// The functions look before they write, and two at the same moment both find a PIN free: only an index is sure.
    @Test(arguments: [
        "", "CREATE INDEX ON users_convonet (voice_pin)",
        "CREATE UNIQUE INDEX ON users_convonet (voice_pin) WHERE is_active",
        "CREATE UNIQUE INDEX ON users_convonet (voice_pin, email)",
    ])
    func aPINThatTwoPeopleCouldHave(index: String) async throws {
        let database = try await TestDatabase.make()
        try await expectWell("users-table", database)
        try await database.sql(
            """
            DO $$ BEGIN
                EXECUTE (SELECT string_agg(CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s;', x.indexrelid::regclass)
                                ELSE format('ALTER TABLE users_convonet DROP CONSTRAINT %I;', c.conname) END, '')
                         FROM pg_index x LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid
                         WHERE x.indrelid = 'users_convonet'::regclass AND pg_get_indexdef(x.indexrelid) LIKE '%(voice_pin)%');
            END $$; \(index)
            """, as: .owner)
        try await database.sql(
            try statement("CREATE UNIQUE", in: try await advice("users-table", database)), as: .owner)
        try await expectWell("users-table", database)
    }

    @Test func plansInTheServersLog() async throws {
        let database = try await TestDatabase.make()
        let role = "ALTER ROLE test_viewer IN DATABASE \(database.name) SET"
        try await database.sql(
            """
            \(role) session_preload_libraries = 'auto_explain'; \(role) log_parameter_max_length = 0;
            \(role) auto_explain.log_min_duration = 0; \(role) auto_explain.log_nested_statements = on
            """)
        let mend = try await advice("server-log", database, .viewer)
        let setting = try statement("auto_explain.log_nested", in: mend).prefix { $0 != "," }
        try await database.sql("\(role) \(setting)")
        // What it logs of parameters it can be told from PostgreSQL 16 on.
        if database.cluster.serverVersion >= 16 {
            try await database.sql("\(role) \(try statement("auto_explain.log_parameter_max_length", in: mend))")
        }
        try await expectWell("server-log", database, .viewer)
    }
}
