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

    /// The application's view of numbers, or of teams, reads a table of somebody who has no right on its people.
    @Test(arguments: ["plain", "nested", "policy of its own"]) func whatLiesUnderAViewIsLookedAt(kind: String)
        async throws
    {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE TABLE crm.contacts (user_id uuid, phone text);
            INSERT INTO crm.contacts VALUES ('\(person.idText)', '0800123456');
            CREATE FUNCTION crm.see() RETURNS boolean \(Self.spy);
            ALTER TABLE crm.contacts ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON crm.contacts USING (crm.see());
            GRANT SELECT ON crm.contacts TO PUBLIC
            """, as: .stranger)
        let source =
            switch kind {
            case "plain": "crm.contacts"
            case "nested": "between"
            default: "own"
            }
        try await database.sql(
            """
            CREATE VIEW between AS SELECT * FROM crm.contacts;
            CREATE TABLE own (user_id uuid, phone text); INSERT INTO own VALUES ('\(person.idText)', '0800123456');
            ALTER TABLE own ENABLE ROW LEVEL SECURITY; ALTER TABLE own FORCE ROW LEVEL SECURITY;
            CREATE POLICY p ON own USING (EXISTS (SELECT FROM crm.contacts c WHERE c.user_id = own.user_id));
            CREATE VIEW convonet_admin_phone_numbers AS SELECT user_id AS account_id, phone AS number FROM \(source);
            GRANT SELECT ON convonet_admin_phone_numbers, own, between TO desk_hand;
            DROP TABLE team_memberships_convonet CASCADE;
            CREATE VIEW team_memberships_convonet AS SELECT user_id, user_id AS team_id, 'owner'::text AS role FROM \(source);
            GRANT SELECT ON team_memberships_convonet TO desk_hand
            """, as: .owner)
        _ = try await database.selfService().takeMail(sendsTexts: true)
        #expect(try await staff.callers.state(of: person).phone == nil)
        try await database.setPolicy("protected_team_roles = '{owner}'")
        #expect(try await staff.perform(.issuePIN, on: person).rule == "approval_required")
        try await expectNothingSeen()
        // What is all the application's is read as before.
        try await database.sql(
            "ALTER TABLE crm.contacts OWNER TO convonet_owner; ALTER FUNCTION crm.see OWNER TO convonet_owner")
        #expect(try await staff.callers.state(of: person).phone == "…56")
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
