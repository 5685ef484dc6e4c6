import ConvonetCore
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// Code of others that the application's own, honest code would run for them: a temporary table in place of one of its own, and
/// what lies under its views.
@Suite(.dropsDatabases) struct OthersCodeTests {
    private let database: TestDatabase
    private let staff: AdminSession

    init() async throws {
        database = try await TestDatabase.quick()
        staff = try await database.session()
        // What whoever runs it as the hand could carry out, past the undoing of what it does.
        try await database.sql(
            "CREATE SCHEMA crm; CREATE SEQUENCE crm.loot; GRANT ALL ON SCHEMA crm TO PUBLIC; GRANT ALL ON crm.loot TO PUBLIC"
        )
    }

    private func expectNothingSeen() async throws {
        #expect(try await database.sql("SELECT is_called FROM crm.loot") == "f")
    }

    private static let spy = """
        LANGUAGE plpgsql AS $$ BEGIN
            PERFORM setval('crm.loot', (SELECT count(*) FROM public.users_convonet WHERE voice_pin IS NOT NULL));
            RETURN true;
        EXCEPTION WHEN insufficient_privilege THEN RETURN true; END $$
        """

    /// The application's policy names a table without its schema, and temporary ones are found first.
    @Test(arguments: [
        (TestDatabase.User.viewer, "account_is_protected('ID')"), (.viewer, "temporary_password_state('ID')"),
        (.operator, "caller_state('ID', '{}')"), (.operator, "reset_links('ID', 10)"),
        (.operator, "reset_codes('ID', 10)"), (.operator, "approvals('ID', true, NULL, 10)"),
        (.operator, "undoable_changes('ID', '{}')"), (.operator, "pending_approvals()"),
        (.operator, "sign_out('ID', '', gen_random_uuid(), '{}')"), (.auditor, "reset_links('ID', 10)"),
    ])
    func aTemporaryTableIsNotTakenForTheApplications(user: TestDatabase.User, call: String) async throws {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE TABLE closed_accounts (user_id uuid); GRANT SELECT ON closed_accounts TO PUBLIC;
            CREATE FUNCTION is_open(i uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public
            AS 'SELECT NOT EXISTS (SELECT FROM closed_accounts c WHERE c.user_id = i)';
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE POLICY one ON users_convonet USING (is_open(id)) WITH CHECK (true)
            """, as: .owner)
        _ = try? await database.sql(
            """
            CREATE FUNCTION pg_temp.mine() RETURNS boolean \(Self.spy);
            CREATE TEMP VIEW closed_accounts AS SELECT NULL::uuid AS user_id WHERE pg_temp.mine();
            GRANT SELECT ON closed_accounts TO PUBLIC;
            SELECT * FROM convonet_admin.\(call.replacing("ID", with: person.idText))
            """, as: user)
        try await expectNothingSeen()
    }

    @Test func aTemporaryTypeIsRefusedToo() async throws {
        let person = try await staff.person()
        await #expect(throws: (any Error).self) {
            try await database.sql(
                "CREATE DOMAIN pg_temp.mine AS text; SELECT convonet_admin.account_is_protected('\(person.idText)')",
                as: .viewer)
        }
    }

    /// How the application's views of numbers and teams come to run code of somebody who has no right on its people.
    enum Part: String, CaseIterable {
        case table, nestedView, policy, cast, child, function, domain, aggregate

        /// What somebody else made.
        var theirs: String {
            switch self {
            case .table, .nestedView, .policy:
                "ALTER TABLE crm.contacts ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON crm.contacts USING (crm.see());"
            case .cast:
                """
                CREATE TYPE crm.kind AS ENUM ('a');
                CREATE FUNCTION crm.text(k crm.kind) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN crm.see() THEN '0800123456' END $$;
                CREATE CAST (crm.kind AS text) WITH FUNCTION crm.text(crm.kind) AS IMPLICIT;
                """
            case .child: ""
            case .function, .aggregate:
                "CREATE FUNCTION crm.pass(t text) RETURNS text LANGUAGE sql AS 'SELECT t WHERE crm.see()';"
            case .domain:
                "CREATE DOMAIN crm.number AS text CHECK (crm.see());"
            }
        }

        /// What the application made of it: `source`, with a person's id and number.
        var applications: String {
            switch self {
            case .table: "CREATE VIEW source AS SELECT * FROM crm.contacts"
            case .nestedView:
                "CREATE VIEW between AS SELECT * FROM crm.contacts; CREATE VIEW source AS SELECT * FROM between"
            case .policy:
                """
                CREATE TABLE source AS SELECT * FROM crm.contacts;
                ALTER TABLE source ENABLE ROW LEVEL SECURITY; ALTER TABLE source FORCE ROW LEVEL SECURITY;
                CREATE POLICY p ON source USING (EXISTS (SELECT FROM crm.contacts c WHERE c.user_id = source.user_id))
                """
            case .cast:
                "CREATE TABLE source AS SELECT user_id, 'a'::crm.kind AS phone FROM crm.contacts"
            case .child: "CREATE TABLE source (user_id uuid, phone text); GRANT ALL ON source TO PUBLIC"
            case .function:
                """
                CREATE FUNCTION own(t text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN crm.pass(t); END';
                CREATE VIEW source AS SELECT user_id, own(phone) AS phone FROM crm.contacts
                """
            case .domain:
                "CREATE VIEW source AS SELECT user_id, phone::crm.number AS phone FROM crm.contacts"
            case .aggregate:
                """
                CREATE FUNCTION own(a text, t text) RETURNS text LANGUAGE sql AS 'SELECT crm.pass(t)';
                CREATE AGGREGATE last(text) (SFUNC = own, STYPE = text);
                CREATE VIEW source AS SELECT user_id, last(phone) AS phone FROM crm.contacts GROUP BY user_id
                """
            }
        }
    }

    /// It runs by a role that learns nothing of people.
    @Test(arguments: Part.allCases) func whatLiesUnderAViewLearnsNothing(part: Part) async throws {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE TABLE crm.contacts (user_id uuid, phone text);
            INSERT INTO crm.contacts VALUES ('\(person.idText)', '0800123456'); GRANT SELECT ON crm.contacts TO PUBLIC;
            CREATE FUNCTION crm.see() RETURNS boolean \(Self.spy);
            \(part.theirs)
            """, as: .stranger)
        try await database.sql(
            """
            \(part.applications);
            CREATE VIEW convonet_admin_phone_numbers AS SELECT user_id AS account_id, phone::text AS number FROM source;
            DROP TABLE team_memberships_convonet CASCADE;
            CREATE VIEW team_memberships_convonet AS SELECT user_id, user_id AS team_id, phone::text AS role FROM source;
            GRANT SELECT ON convonet_admin_phone_numbers, source, team_memberships_convonet TO desk_reader
            """, as: .owner)
        if part == .child {
            try await database.sql(
                "GRANT CREATE ON SCHEMA public TO test_stranger; GRANT convonet_owner TO test_stranger")
            try await database.sql(
                """
                CREATE FUNCTION crm.seen(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
                    $$ BEGIN PERFORM crm.see(); RETURN t; END $$;
                CREATE TABLE crm.child () INHERITS (source); CREATE INDEX ON crm.child (crm.seen(phone));
                INSERT INTO crm.child VALUES ('\(person.idText)', '0800123456')
                """, as: .stranger)
            try await database.sql("REVOKE convonet_owner FROM test_stranger")
        }
        // Whatever it learned while it was made.
        try await database.sql("ALTER SEQUENCE crm.loot RESTART")
        _ = try await database.selfService().takeMail(sendsTexts: true)
        #expect(try await staff.callers.state(of: person).phone == "…56")
        try await database.setPolicy("protected_team_roles = '{0800123456}'")
        #expect(try await staff.perform(.issuePIN, on: person).rule == "approval_required")
        try await expectNothingSeen()
        // As the hand it would have.
        try await database.sql("SET ROLE desk_hand; SELECT crm.see()")
        #expect(try await database.sql("SELECT is_called FROM crm.loot") == "t")
    }

    /// Other settings do not depend on the application's teams.
    @Test func thePolicyIsSetWhileTeamsAreLocked() async throws {
        try await database.pool(.owner).withConnection { owner in
            try await owner.run(script: "BEGIN; LOCK TABLE team_memberships_convonet", limit: .seconds(10))
            let set =
                "SELECT outcome FROM convonet_admin.set_policy('{\"undo_minutes\": 7}', gen_random_uuid(), '{}')"
            #expect(try await database.sql(set, as: .supervisor) == "done")
            await owner.rollback()
        }
    }

    /// Code of the application's puts a statement of its own in place of one that the session had prepared: no rollback takes that back.
    @Test(arguments: [
        "account_is_protected('ID')",
        "issue_voice_pin('ID', (SELECT version FROM convonet_admin.accounts WHERE id = 'ID'), gen_random_uuid(), '{}')",
    ])
    func aPreparedStatementIsNotSwapped(call: String) async throws {
        let person = try await staff.person()
        try await database.setPolicy("protected_accounts = '{somebody}'")
        try await database.sql(
            """
            CREATE TABLE ran (who text); GRANT ALL ON ran TO PUBLIC;
            CREATE FUNCTION swap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                IF current_user = 'desk_hand' AND EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'mine') THEN
                    DEALLOCATE mine; EXECUTE 'PREPARE mine AS INSERT INTO public.ran VALUES (session_user)';
                END IF;
                RETURN true; END $$;
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE POLICY one ON users_convonet USING (swap()) WITH CHECK (true)
            """, as: .owner)
        let error = await #expect(throws: (any Error).self) {
            try await database.sql(
                "PREPARE mine AS SELECT 1; SELECT convonet_admin.\(call.replacing("ID", with: person.idText)); EXECUTE mine",
                as: .operator)
        }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("prepared statement \"mine\" does not exist"))
        #expect(try await database.sql("SELECT count(*) FROM ran") == "0")
    }

    /// What a mail calls somebody is read before the log's head is locked, too.
    @Test func theNameInAMailIsNotReadUnderTheHead() async throws {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE FUNCTION look() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                ASSERT current_user <> 'desk_hand' OR NOT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                    WHERE l.pid = pg_backend_pid() AND c.relname = 'audit_head' AND l.mode <> 'AccessShareLock');
                RETURN true; END $$;
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE POLICY one ON users_convonet USING (look()) WITH CHECK (true)
            """, as: .owner)
        let desk = try database.selfService()
        try await desk.requestLink(to: person.email, from: "192.0.2.1")
        let mail = try #require(try await desk.nextMail())
        #expect(mail.firstName == person.firstName && !person.firstName.isEmpty)
    }

    /// What the application's code puts off runs before the log's head is locked, for whoever takes that early.
    @Test func whatIsPutOffDoesNotRunUnderTheHead() async throws {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE TABLE seen (n int); GRANT ALL ON seen TO PUBLIC;
            CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                ASSERT NOT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                    WHERE l.pid = pg_backend_pid() AND c.relname = 'audit_head' AND l.mode = 'RowShareLock');
                RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER later AFTER INSERT ON seen DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION later();
            CREATE FUNCTION note() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                IF current_user = 'desk_hand' THEN INSERT INTO public.seen VALUES (1); END IF; RETURN true; END $$;
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE POLICY one ON users_convonet USING (note()) WITH CHECK (true)
            """, as: .owner)
        #expect(try await staff.perform(.issueResetCode, on: person).outcome == .done)
    }
}
