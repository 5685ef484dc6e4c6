import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What whoever owns the application's table can have run within our changes, and what must not come of it.
@Suite(.dropsDatabases) struct HostileOwnerTests {
    /// A place for what the application's code finds out, and the function that every attack runs.
    private static func attack(_ body: String, late: String = "") -> String {
        """
        SET ROLE convonet_owner;
        CREATE TABLE public.loot (who text, what text);
        GRANT ALL ON public.loot TO PUBLIC;
        CREATE FUNCTION public.try(statement text) RETURNS void LANGUAGE plpgsql AS $f$
        BEGIN
            EXECUTE statement;
            INSERT INTO public.loot VALUES (current_user, statement);
        EXCEPTION WHEN OTHERS THEN NULL;
        END $f$;
        CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN
            \(late)
            RETURN NULL;
        END $f$;
        CREATE TABLE public.bait (n integer);
        GRANT ALL ON public.bait TO PUBLIC;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON public.bait DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION public.late();
        CREATE FUNCTION public.evil() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN
            \(body)
            RETURN NEW;
        END $f$;
        CREATE TRIGGER evil AFTER UPDATE ON public.users_convonet FOR EACH ROW EXECUTE FUNCTION public.evil();
        """
    }

    /// What a trigger must not be able to do: to the log, to our functions, and to what others may.
    private static let forbidden = [
        "SELECT key FROM convonet_admin.pin_decoy_key", "SELECT 1 FROM convonet_admin.audit_event",
        "SELECT 1 FROM convonet_admin.mail_queue", "GRANT ALL ON SCHEMA convonet_admin TO convonet_owner",
        "GRANT ALL ON ALL TABLES IN SCHEMA convonet_admin TO convonet_owner",
        "CREATE FUNCTION convonet_admin.door() RETURNS void LANGUAGE sql SECURITY DEFINER AS ''",
        "ALTER FUNCTION convonet_admin.hand_read(uuid) SECURITY INVOKER",
        "ALTER FUNCTION convonet_admin.hand_run_deferred() RESET ALL",
        "ALTER FUNCTION convonet_admin.carry_out(text, uuid, text, text, uuid, jsonb) SECURITY DEFINER",
        "CREATE OR REPLACE RULE \"_RETURN\" AS ON SELECT TO convonet_admin.account_teams DO INSTEAD SELECT NULL::uuid, NULL::text, NULL::text, NULL::boolean",
        "ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL", "SET ROLE desk_owner",
        "GRANT desk_owner TO convonet_owner", "GRANT desk_hand TO convonet_owner", "CREATE SCHEMA door",
        "SELECT convonet_admin.append_event(NULL)", "SET LOCAL session_replication_role = replica",
    ]

    @Test func aTriggerHasTheHandsRightsAndNothingElse() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            Self.attack(Self.forbidden.map { "PERFORM public.try($q$\($0)$q$);" }.joined(separator: "\n")))
        let desk = try await database.session()
        let person = try await desk.person()
        for action in [AccountChange.Action.issuePIN, .generatePassword, .clearPIN, .setActive(false)] {
            #expect(try await desk.perform(action, on: person).outcome == .done)
        }
        #expect(try await database.sql("SELECT string_agg(DISTINCT what, '; ') FROM loot") == "")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
        #expect(try await Migrator(try database.pool()).plan(MigrationRequest()).isEmpty)
    }

    /// As what a change queues for the commit, where it would run as the operator: by a trigger of another table that is put
    /// off again and again, by a cursor that outlives the transaction, by a temporary table.
    @Test(arguments: [
        (
            "INSERT INTO public.bait VALUES (1);",
            "SET CONSTRAINTS ALL DEFERRED; INSERT INTO public.loot VALUES (current_user, 'late'); INSERT INTO public.bait VALUES (2);",
            nil
        ),
        (
            "INSERT INTO public.bait VALUES (1);",
            "PERFORM set_config('transaction_read_only', NULL, false); SET CONSTRAINTS ALL DEFERRED; INSERT INTO public.loot VALUES (current_user, 'late'); INSERT INTO public.bait VALUES (2);",
            "something was written at the end"
        ),
        (
            "EXECUTE 'CREATE TEMP TABLE hook (n integer)';", "", "temporary objects"
        ),
        (
            "EXECUTE 'DECLARE spy CURSOR WITH HOLD FOR SELECT public.try(''SELECT 1'')';", "", nil
        ),
    ])
    func nothingRunsAtTheCommitWithTheCallersRights(body: String, late: String, end: String?) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            Self.attack(body, late: "BEGIN \(late) EXCEPTION WHEN read_only_sql_transaction THEN NULL; END;"))
        let person = try await database.session().person()
        let call = TestDatabase.call(.issuePIN, person)
        let refusal = await database.refusal(of: call, as: .operator)
        // Since PostgreSQL 16 a transaction that only reads cannot be made to write, so nothing is left to refuse.
        if !late.contains("transaction_read_only") || database.cluster.serverVersion < 16 {
            #expect(refusal.map { $0.contains(end ?? "?") } == (end == nil ? nil : true), "\(refusal ?? "")")
        }
        // Whatever it did, it did as the hand.
        #expect(try await database.sql("SELECT count(*) FROM loot WHERE who <> 'desk_hand'") == "0")
    }

    /// One for the session, hidden behind another for the transaction, does not outlive it either.
    @Test(arguments: ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name"])
    func noSettingOutlivesAChange(name: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            Self.attack(
                """
                DECLARE old text := current_setting('\(name)'); BEGIN
                PERFORM set_config('\(name)', '7', false); PERFORM set_config('\(name)', old, true); END;
                """))
        let call = TestDatabase.call(.issuePIN, try await database.session().person())
        #expect(try await database.sql("\(call); SELECT current_setting('\(name)') = '7'", as: .operator) == "done\nf")
    }

    @Test(arguments: [
        "search_path = public, pg_catalog", "standard_conforming_strings = off", "TimeZone = 'Asia/Tokyo'",
        "lock_timeout = 0", "statement_timeout = 60000", "application_name = 'somebody'",
    ])
    func aSettingThatATriggerLeavesBehindUndoesTheChange(setting: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(Self.attack("SET \(setting);"))
        // Were our own code to go on under that path, this operator would be looked up first.
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE FUNCTION public.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS
                'BEGIN INSERT INTO public.loot VALUES (current_user, ''equal''); RETURN $1 OPERATOR(pg_catalog.=) $2; END';
            CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.equal);
            """)
        let desk = try await database.session()
        let person = try await desk.person()
        let before = try await database.stored("voice_pin", of: person)
        let result = try await desk.perform(.issuePIN, on: person)
        #expect(result.outcome == .failed && result.rule == "settings_changed_by_trigger")
        #expect(try await database.stored("voice_pin", of: person) == before)
        #expect(try await database.sql("SELECT count(*) FROM loot") == "0")
        #expect(
            try await database.sql(TestDatabase.call(.issuePIN, person) + "SHOW search_path", as: .operator)
                .contains("public, pg_catalog") == false)
        // What a trigger sets for itself alone is its own affair.
        try await database.sql(
            "CREATE OR REPLACE FUNCTION public.evil() RETURNS trigger LANGUAGE plpgsql SET \(setting) AS 'BEGIN RETURN NEW; END'"
        )
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
    }

    /// A value for the transaction hides one for the session, which comes to light at the commit.
    @Test func noSettingOfTheSessionOutlivesTheChange() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            Self.attack(
                "PERFORM set_config('search_path', 'evil, pg_catalog', false); PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);"
            ))
        let person = try await database.session().person()
        let answer = try await database.sql("\(TestDatabase.call(.issuePIN, person)) SHOW search_path;", as: .operator)
        #expect(answer == "done\n\"$user\", public")
    }

    /// Nor one that the commit goes by, or the caller afterwards: in psql, and in our program.
    @Test func theCommitIsAsTheSessionWasOpened() async throws {
        let database = try await TestDatabase.quick()
        let settings = [
            ("synchronous_commit", "local"), ("client_min_messages", "debug1"),
            ("default_transaction_isolation", "serializable"), ("default_transaction_read_only", "on"),
            ("default_transaction_deferrable", "on"),
        ]
        let all = settings.map { "SHOW \($0.0);" }.joined()
        let before = try await database.sql(all, as: .operator)
        try await database.sql(
            Self.attack(
                settings.map { "PERFORM set_config('\($0.0)', '\($0.1)', false);" }.joined(separator: "\n")
                    + "PERFORM set_config('client_min_messages', 'error', true);"))
        let person = try await database.session().person()
        #expect(
            try await database.sql("\(TestDatabase.call(.issuePIN, person)) \(all)", as: .operator) == "done\n" + before
        )
        // Within the transaction, too, by what the commit goes.
        let now = try await database.session().person()
        #expect(
            try await database.sql("BEGIN; \(TestDatabase.call(.issuePIN, now)) \(all) COMMIT;", as: .operator)
                == "done\n" + before)
        let pool = try database.pool(.operator, maximum: 1)
        let desk = try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests")
        #expect(try await desk.perform(.clearPIN, on: try await desk.person()).outcome == .done)
        #expect(try await pool.query("SHOW synchronous_commit").first.map { before.hasPrefix(try $0.text(0)) } == true)
    }

    /// Reading as the hand leaves nothing: no cursor, no setting, no row.
    @Test func whatReadingRunsIsUndone() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE TABLE public.loot (who text); GRANT ALL ON public.loot TO PUBLIC;
            CREATE FUNCTION public.late() RETURNS integer LANGUAGE plpgsql AS
                $f$ BEGIN INSERT INTO public.loot VALUES (current_user); RETURN 1; END $f$;
            CREATE FUNCTION public.peek(uuid) RETURNS boolean LANGUAGE plpgsql AS $f$
            BEGIN
                IF current_user = 'desk_hand' THEN
                    EXECUTE 'DECLARE spy CURSOR WITH HOLD FOR SELECT public.late()';
                    PERFORM public.late();
                    PERFORM set_config('search_path', 'evil, pg_catalog', false);
                END IF;
                RETURN true;
            END $f$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY peek ON public.users_convonet USING (public.peek(id));
            """)
        let id = try await database.sql("SELECT id FROM users_convonet ORDER BY id LIMIT 1")
        for call in ["account_is_protected('\(id)')", "reset_links('\(id)')", "approvals(NULL, false, true, 9)"] {
            let answer = try await database.sql(
                "SELECT count(*) FROM convonet_admin.\(call); SELECT count(*) FROM pg_cursors; SHOW search_path",
                as: .operator)
            #expect(answer.hasSuffix("0\n\"$user\", public"), "\(call): \(answer)")
        }
        #expect(try await database.sql("SELECT count(*) FROM public.loot") == "0")
    }

    /// A policy of the table is run by whoever reads it: what only reads writes nothing.
    @Test func aPolicyThatDecidesForASupervisorDecidesNothing() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.protect(person)
        #expect(try await desk.perform(.issuePIN, on: person).rule == "approval_required")
        let id = try await database.sql("SELECT id FROM convonet_admin.approval")
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE FUNCTION public.peek(uuid) RETURNS boolean LANGUAGE plpgsql AS $f$
            BEGIN
                -- Before PostgreSQL 16 this is not refused.
                PERFORM set_config('transaction_read_only', NULL, false);
                PERFORM convonet_admin.decide_approval(\(id), 'approve', gen_random_uuid(), '{}');
                RETURN true;
            EXCEPTION WHEN OTHERS THEN RETURN true;
            END $f$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY peek ON public.users_convonet USING (public.peek(id));
            """)
        let supervisor = try await database.session(.supervisor)
        #expect(try await supervisor.accounts.page(of: AccountSelection(), limit: 50).accounts.count == 50)
        _ = try await supervisor.accounts.find(person.email)
        #expect(try await database.sql("SELECT state FROM convonet_admin.approval") == "requested")
        let refused = await #expect(throws: AdminError.self) {
            try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
        #expect(refused?.description.contains("CREATE POLICY convonet_admin") == true)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(found.contains { $0.check == "users-table" && $0.mend?.contains("CREATE POLICY") == true })
    }

    /// The trigger that watches the table runs with our owner's rights, and reads the application's columns; a composite type
    /// within a trusted extension of the application's is no less its own.
    @Test(arguments: ["ENUM ('a', 'b')", "(v text)"]) func aColumnOfATypeOfTheApplicationsIsNotCast(kind: String)
        async throws
    {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        try await Migrator(try database.pool()).detach()
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE TABLE public.loot (who text); GRANT ALL ON public.loot TO PUBLIC;
            CREATE EXTENSION citext;
            CREATE SCHEMA types; CREATE TYPE types.citext AS \(kind); ALTER EXTENSION citext ADD TYPE types.citext;
            CREATE FUNCTION public.steal(types.citext) RETURNS text LANGUAGE plpgsql AS
                $f$ BEGIN INSERT INTO public.loot VALUES (current_user); RETURN 'stolen'; END $f$;
            CREATE CAST (types.citext AS text) WITH FUNCTION public.steal(types.citext) AS IMPLICIT;
            ALTER TABLE public.users_convonet DROP COLUMN username, ADD COLUMN username types.citext;
            """)
        try await database.sql(
            """
            CREATE TRIGGER again AFTER UPDATE ON public.users_convonet FOR EACH ROW
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            UPDATE public.users_convonet SET username = \(kind.hasPrefix("E") ? "'a'" : "ROW('x')::types.citext"), is_active = NOT is_active;
            """)
        #expect(try await database.sql("SELECT count(*) FROM public.loot") == "0")
        await #expect(throws: AdminError.self) {
            try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
    }
}
