import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What somebody put under our schema's name before us, or into it after us.
@Suite(.dropsDatabases) struct ForeignSchemaTests {
    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    /// A view over a function in the place of a table, which makes whoever reads it the application's owner a superuser.
    private static let trap = """
        SET ROLE convonet_owner;
        CREATE SCHEMA convonet_admin; GRANT ALL ON SCHEMA convonet_admin TO PUBLIC;
        CREATE FUNCTION convonet_admin.spring() RETURNS integer LANGUAGE plpgsql AS $f$
        BEGIN ALTER ROLE test_stranger SUPERUSER; RETURN 4; EXCEPTION WHEN OTHERS THEN RETURN 4; END $f$;
        """

    @Test(arguments: [
        """
        CREATE VIEW convonet_admin.installation AS SELECT convonet_admin.spring() AS schema_version, '"public"."users_convonet"' AS
            users_table, 'desk_' AS role_prefix, now() AS installed_at, false AS watches_direct_changes;
        """,
        """
        CREATE TABLE convonet_admin.installation (schema_version integer, users_table text, role_prefix text);
        CREATE TABLE convonet_admin.policy (n integer);
        INSERT INTO convonet_admin.installation VALUES (4, '"public"."users_convonet"', 'desk_');
        CREATE RULE spring AS ON UPDATE TO convonet_admin.installation DO ALSO SELECT convonet_admin.spring();
        """,
        """
        CREATE TABLE convonet_admin.installation (schema_version integer, users_table text, role_prefix text);
        INSERT INTO convonet_admin.installation VALUES (4, '"public"."users_convonet"', 'desk_');
        CREATE VIEW convonet_admin.accounts AS SELECT convonet_admin.spring() AS id;
        """,
    ])
    func aSuperuserIsNotTrapped(tables: String) async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(Self.trap + tables)
        let pool = try database.superuserPool()
        await #expect(throws: AdminError.self) {
            try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests", firstPage: 10)
        }
        await #expect(throws: AdminError.self) {
            try await Migrator(pool).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
        let found = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
        #expect(
            found.contains { $0.check == "schema" && $0.grade == .problem && $0.message.contains("cannot be trusted") })
        #expect(try await database.sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'test_stranger'") == "f")
    }

    /// Code that whoever owns the table can put where reading runs it: a child's index, a check, a policy of the teams.
    @Test func aSuperuserReadsNobody() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE FUNCTION public.become() RETURNS integer LANGUAGE plpgsql AS
                $f$ BEGIN ALTER ROLE test_stranger SUPERUSER; RETURN 1; EXCEPTION WHEN OTHERS THEN RETURN 1; END $f$;
            CREATE FUNCTION public.spring(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
                $f$ BEGIN RETURN public.become(); END $f$;
            CREATE TABLE public.child () INHERITS (public.users_convonet);
            CREATE INDEX trap ON public.child ((public.spring(2)));
            """)
        let pool = try database.superuserPool()
        let error = await #expect(throws: AdminError.self) {
            try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests", firstPage: 10)
        }
        #expect(error?.description.contains("postgres is a superuser") == true)
        _ = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
        _ = try await Migrator(pool).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        #expect(try await database.sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'test_stranger'") == "f")
    }

    /// What an owner of the log, as whom the application's code could run under earlier versions, may have left.
    @Test(arguments: [
        (
            "CREATE FUNCTION evil.own(s text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN EXECUTE s; END'; ALTER FUNCTION evil.own(text) OWNER TO desk_owner",
            "evil.own(text)"
        ),
        (
            "CREATE VIEW evil.peek AS SELECT key FROM convonet_admin.pin_decoy_key; ALTER VIEW evil.peek OWNER TO desk_owner",
            "evil.peek"
        ),
        (
            "CREATE FUNCTION evil.hook() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER hook AFTER UPDATE ON convonet_admin.policy EXECUTE FUNCTION evil.hook()",
            "the trigger hook"
        ),
        (
            "CREATE FUNCTION evil.check(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'; ALTER TABLE convonet_admin.audit_head ADD CHECK (evil.check(sequence))",
            "in a check of audit_head"
        ),
        (
            "CREATE TABLE evil.parent (LIKE convonet_admin.audit_event); ALTER TABLE convonet_admin.audit_event INHERIT evil.parent",
            "the inheritance of audit_event"
        ),
        (
            "CREATE RULE copy AS ON INSERT TO convonet_admin.reset_token DO ALSO NOTIFY evil",
            "reset_token"
        ),
        (
            """
            ALTER TABLE convonet_admin.as_installed ADD CHECK (
                ts_rewrite('a'::tsquery, 'SELECT evil.own(), ''b''::tsquery') IS NOT NULL) NOT VALID
            """, "ts_rewrite in a check of as_installed"
        ),
        (
            """
            ALTER TABLE convonet_admin.audit_head ADD copy text;
            ALTER TABLE convonet_admin.audit_head ALTER copy SET DEFAULT query_to_xml('SELECT evil.own()', true, true, '')::text
            """,
            "query_to_xml in a default of audit_head"
        ),
        (
            """
            CREATE TABLE evil.child (p boolean REFERENCES convonet_admin.policy ON DELETE CASCADE); INSERT INTO evil.child VALUES (true)
            """, "the foreign key child_p_fkey"
        ),
        (
            "CREATE TABLE evil.parent (id uuid PRIMARY KEY); ALTER TABLE convonet_admin.approval ADD FOREIGN KEY (account_id) REFERENCES evil.parent",
            "the foreign key approval_account_id_fkey"
        ),
        (
            "CREATE MATERIALIZED VIEW convonet_admin.copy AS SELECT key FROM convonet_admin.pin_decoy_key", "copy"
        ),
    ])
    func aBackDoorStopsMigrateByItsName(door: String, name: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql("CREATE SCHEMA evil; GRANT ALL ON SCHEMA evil TO PUBLIC; \(door)")
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 3")
        let error = await #expect(throws: AdminError.self) {
            try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
        #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
    }

    @Test func hollowGuardsAreMadeAnew() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE OR REPLACE FUNCTION convonet_admin.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            """)
        #expect(
            try await !Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
                .isEmpty)
        await #expect(throws: ClusterFailure.self) { try await database.sql("DELETE FROM convonet_admin.audit_event") }
    }

    @Test(arguments: [
        ("LOGIN", "has LOGIN"), ("CREATEROLE", "has CREATEROLE"),
        ("IN ROLE test_stranger", "is a member of test_stranger"),
        ("ROLE test_stranger", "has members, who would have its rights: test_stranger"),
    ])
    func aRoleThatIsMoreThanANameIsRefused(attribute: String, words: String) async throws {
        let database = try await TestDatabase.make(.application)
        for kind in ["owner", "hand", "reader"] {
            let name = "\(database.name)_\(kind)"
            try await database.sql("CREATE ROLE \(name) \(attribute)")
            // As if they had made it themselves.
            if database.cluster.serverVersion >= 16 {
                try await database.sql("GRANT \(name) TO convonet_owner WITH ADMIN TRUE, SET FALSE, INHERIT FALSE")
            }
            let error = await #expect(throws: AdminError.self) {
                try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: "\(database.name)_"))
            }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            try await database.sql("DROP ROLE \(name)")
        }
    }

    @Test(arguments: [TestDatabase.Template.migrated, .migratedWithoutRoles])
    func rightsThatDefaultsGiveAreTakenBack(template: TestDatabase.Template) async throws {
        let database = try await TestDatabase.make(.application)
        let owner = "convonet_owner"
        try await database.sql(
            """
            ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) GRANT USAGE ON SCHEMAS TO test_stranger;
            ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) GRANT ALL ON TABLES TO test_stranger;
            ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) GRANT ALL ON SEQUENCES TO test_stranger;
            ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) GRANT EXECUTE ON FUNCTIONS TO test_stranger;
            """)
        var request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        request.withoutRoles = template == .migratedWithoutRoles
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(request)
        let rights = """
            SELECT count(*) FROM convonet_admin.as_installed WHERE line LIKE '% to test_stranger'
            """
        #expect(try await database.sql(rights) == "0")
        func expectRefused() async {
            let words = await database.refusal(of: "SELECT key FROM convonet_admin.pin_decoy_key", as: .stranger)
            #expect(words?.contains("permission denied for schema convonet_admin") == true, "\(words ?? "done")")
        }
        await expectRefused()
        // Given later, they are named and taken back.
        try await database.sql(
            "GRANT USAGE ON SCHEMA convonet_admin TO test_stranger; GRANT SELECT (key) ON convonet_admin.pin_decoy_key TO test_stranger; GRANT EXECUTE ON FUNCTION convonet_admin.draw_pin(integer) TO PUBLIC"
        )
        let user = template == .migrated ? TestDatabase.User.operator : .owner
        let before = await DatabaseExamination(try database.pool(user), usersTable: .usersConvonet).findings()
        let named = before.filter { $0.check == "installed" && $0.grade == .problem }.map(\.message).joined()
        if template == .migratedWithoutRoles {
            #expect(named.contains("test_stranger") && named.contains("draw_pin"))
        }
        #expect(try await migrator.migrate(request).summary.contains { $0.contains("test_stranger") })
        #expect(try await migrator.plan(request).isEmpty)
        await expectRefused()
    }

    /// Each state is named by doctor, mended by migrate as it says, and then all is well.
    @Test(arguments: [
        "REVOKE ALL ON users_convonet FROM desk_hand", "REVOKE USAGE ON SCHEMA convonet_admin FROM desk_operator",
        "ALTER TABLE convonet_admin.audit_event ENABLE REPLICA TRIGGER append_only",
        "ALTER FUNCTION convonet_admin.run_deferred() OWNER TO convonet_owner",
        "ALTER FUNCTION convonet_admin.reset_password(uuid, text, text, uuid, jsonb) RESET search_path",
        "CREATE OR REPLACE FUNCTION convonet_admin.run_deferred() RETURNS void LANGUAGE sql AS ''",
        "DROP FUNCTION convonet_admin.hand_run_deferred()",
        "ALTER TABLE convonet_admin.policy ENABLE ROW LEVEL SECURITY",
        "ALTER VIEW convonet_admin.accounts OWNER TO convonet_owner",
        """
        ALTER TABLE users_convonet RENAME TO users_old;
        CREATE TABLE users_convonet (LIKE users_old INCLUDING ALL); ALTER TABLE users_convonet OWNER TO convonet_owner;
        INSERT INTO users_convonet SELECT * FROM users_old LIMIT 120
        """,
    ])
    func whatWasChangedIsNamedAndMended(change: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(change)
        let look = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        let found = await look.findings()
        #expect(found.contains { $0.check == "installed" && $0.grade == .problem }, "\(found)")
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        #expect(try await !migrator.migrate(request).isEmpty)
        #expect(try await migrator.plan(request).isEmpty)
        #expect(await look.findings().filter { $0.check == "installed" }.map(\.grade) == [.ok])
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
        #expect(try await desk.accounts.estimatedCount().count == (change.contains("users_old") ? 120 : 200))
    }
}
