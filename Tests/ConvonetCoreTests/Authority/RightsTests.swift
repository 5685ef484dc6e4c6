import ConvonetCore
import PostgresClient
import TestDatabase
import Testing

/// What each role may do is written down here, once; everything else in the schema, found by the catalogue, fails.
@Suite(.dropsDatabases) struct RightsTests {
    private static let everyone = [
        "account_is_protected(uuid)", "log_end()", "mail_state()", "people_are_hidden()", "told_rows()",
        "untold_refusals()", "temporary_password_state(uuid)", "account_temporary_password(uuid)",
        "overdue_passwords()",
    ]
    private static let callable: [TestDatabase.User: [String]] = [
        .stranger: [],
        .viewer: everyone,
        .operator: everyone + [
            "reset_password(uuid,text,text,uuid,jsonb)", "issue_voice_pin(uuid,text,uuid,jsonb)",
            "set_voice_pin(uuid,text,text,uuid,jsonb)", "clear_voice_pin(uuid,text,uuid,jsonb)",
            "set_account_active(uuid,text,boolean,uuid,jsonb)", "set_account_verified(uuid,text,boolean,uuid,jsonb)",
            "send_reset_link(uuid,text,uuid,jsonb)", "revoke_reset_links(uuid,text,uuid,jsonb)",
            "send_pin_link(uuid,text,uuid,jsonb)",
            "reset_links(uuid,integer)", "send_caller_code(uuid,bytea,uuid,jsonb)",
            "send_caller_text(uuid,bytea,uuid,jsonb)", "send_caller_code(uuid,text,bytea,uuid,jsonb)",
            "send_caller_text(uuid,text,bytea,uuid,jsonb)",
            "verify_caller(uuid,bytea,uuid,jsonb)", "caller_state(uuid,jsonb)",
            "record_refusal(uuid,text,text,uuid,jsonb)", "rehearse_change(text,uuid,text,uuid,jsonb)",
            "account_history(uuid,integer)", "sign_out(uuid,text,uuid,jsonb)",
            "undo_change(uuid,text,bigint,uuid,jsonb)",
            "unblock_account(uuid,text,uuid,jsonb)", "account_obstacles(uuid)", "undoable_changes(uuid,jsonb)",
            "account_of_receipt(bigint)", "account_marks(uuid)", "rehearse_undo(uuid,bigint,jsonb)", "tidy()",
            "issue_reset_code(uuid,text,text,uuid,jsonb)", "reset_codes(uuid,integer)",
            "accounts_changed_within(integer)", "own_recent_events(integer,jsonb)",
            "approvals(bigint,boolean,boolean,integer)", "account_approvals(uuid)", "pending_approvals()",
        ],
        .auditor: everyone + [
            "account_obstacles(uuid)", "reset_codes(uuid,integer)",
            "reset_links(uuid,integer)", "accounts_changed_within(integer)",
            "approvals(bigint,boolean,boolean,integer)", "account_approvals(uuid)", "pending_approvals()",
        ],
        .selfService: [
            "self_schema_version()", "self_serves_from()", "self_policy()", "self_admit(text,text,bytea,boolean)",
            "self_request_link(text,text,uuid,jsonb)",
            "self_link_holder(bytea)", "self_reset_password(bytea,text,uuid,jsonb)", "self_signed_in(uuid)",
            "self_token_holder(uuid,bigint)",
            "self_check_old_password(uuid,text,uuid,jsonb)", "self_change_password(uuid,text,text,uuid,jsonb)",
            "self_record_refusal(text,uuid,text,uuid,jsonb)", "self_take_mail(bytea,jsonb)",
            "self_store_caller_code(bigint,integer,bytea,bytea)", "self_code_setting(text[])",
            "self_enter_code(text[],text,bytea,uuid,jsonb)", "self_report(bytea,uuid,jsonb)",
            "self_pin_link_is_good(bytea)", "self_issue_pin(bytea,uuid,jsonb)", "self_approver_mail(bigint,integer)",
            "self_end_mail(bigint,integer,text,text)", "self_tidy()", "take_due_password()", "end_due_passwords(uuid)",
            "self_mail_state()",
        ],
        .scheduler: ["tidy()", "take_due_password()", "end_due_passwords(uuid)"],
        .supervisor: everyone + [
            "undo_change(uuid,text,bigint,uuid,jsonb)", "undoable_changes(uuid,jsonb)", "account_of_receipt(bigint)",
            "rehearse_undo(uuid,bigint,jsonb)", "tidy()", "rehearse_change(text,uuid,text,uuid,jsonb)",
            "account_history(uuid,integer)",
            "account_obstacles(uuid)", "freeze_account(uuid,text,uuid,jsonb)", "unfreeze_account(uuid,text,uuid,jsonb)",
            "set_policy(jsonb,uuid,jsonb)", "decide_approval(bigint,text,uuid,jsonb)",
            "approvals(bigint,boolean,boolean,integer)", "account_approvals(uuid)", "pending_approvals()",
        ],
    ]
    private static let readable: [TestDatabase.User: [String]] = [
        .stranger: [],
        .viewer: [
            "account_pieces", "account_search", "account_teams", "accounts", "as_installed", "frozen_accounts",
            "installation", "policy",
        ],
        .operator: [
            "account_pieces", "account_search", "account_teams", "accounts", "as_installed", "frozen_accounts",
            "installation", "policy",
        ],
        .auditor: [
            "account_pieces", "account_search", "account_teams", "accounts", "as_installed", "audit_event",
            "audit_head", "frozen_accounts", "installation", "policy",
        ],
        .supervisor: [
            "account_pieces", "account_search", "account_teams", "accounts", "as_installed", "frozen_accounts",
            "installation", "policy",
        ],
        .selfService: [],
        .scheduler: ["installation", "policy"],
    ]
    private static let users: [TestDatabase.User] = [
        .stranger, .viewer, .operator, .auditor, .supervisor, .selfService, .scheduler,
    ]

    /// Runs every statement that `query` gives, as this user, in one session; gives those that were not denied.
    private func allowed(_ database: TestDatabase, _ user: TestDatabase.User, _ query: String) async throws -> [String]
    {
        try await database.sql(
            """
            CREATE FUNCTION pg_temp.is_denied(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                EXECUTE statement;
                RETURN false;
            EXCEPTION
                WHEN insufficient_privilege THEN RETURN true;
                -- What cannot be done to any view.
                WHEN wrong_object_type OR object_not_in_prerequisite_state OR generated_always THEN RETURN true;
                WHEN OTHERS THEN RETURN false;
            END $$;
            SELECT name FROM (\(query)) AS s (name, statement) WHERE NOT pg_temp.is_denied(statement) ORDER BY name
            """, as: user
        ).split(separator: "\n").map(String.init)
    }

    @Test(arguments: users)
    func eachFunctionFailsForWhoMayNotCallIt(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.make()
        let all = """
            SELECT p.proname || '(' || replace(replace(oidvectortypes(p.proargtypes), 'convonet_admin.', ''), ', ', ',') || ')',
                   'SELECT convonet_admin.' || p.proname || '(' || (
                       SELECT coalesce(string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY n), '')
                       FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, n)) || ')'
            FROM pg_proc p
            WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'convonet_admin')
            AND p.prorettype <> 'trigger'::regtype
            """
        #expect(try await Int(database.sql("SELECT count(*) FROM (\(all)) AS a")) ?? 0 > 30)
        #expect(try await Set(allowed(database, user, all)) == Set(try #require(Self.callable[user])))
    }

    @Test(arguments: users)
    func eachRelationIsClosedToWhoMayNotSeeIt(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.make()
        let all = """
            SELECT c.relname || ' ' || left(form, 6), format(form, c.relname, a.attname)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1,
                 unnest(ARRAY['SELECT FROM convonet_admin.%I', 'DELETE FROM convonet_admin.%I', 'TRUNCATE convonet_admin.%I',
                              'INSERT INTO convonet_admin.%I DEFAULT VALUES', 'UPDATE convonet_admin.%I SET %I = NULL',
                              'LOCK TABLE convonet_admin.%I IN SHARE MODE',
                              'DO $d$ BEGIN PERFORM nextval(''convonet_admin.%I''); END $d$']) AS form
            WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'convonet_admin')
            AND c.relkind IN ('r', 'v', 'S') AND (c.relkind = 'S') = (form LIKE 'DO%' OR form LIKE 'SELECT%' AND c.relkind = 'S')
            """
        #expect(try await Int(database.sql("SELECT count(*) FROM (\(all)) AS a")) ?? 0 > 150)
        let found = try await allowed(database, user, all)
        #expect(found == (try #require(Self.readable[user])).map { $0 + " SELECT" }, "\(found)")
    }

    @Test func whoeverIsInTwoGroupsMayWhatBothMay() async throws {
        let database = try await TestDatabase.make()
        let statement = """
            SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY p.oid::regprocedure::text) FROM pg_proc p
            WHERE p.pronamespace = 'convonet_admin'::regnamespace AND has_function_privilege('%', p.oid, 'EXECUTE')
            """
        func allowed(_ user: TestDatabase.User) async throws -> Set<Substring> {
            Set(try await database.sql(statement.replacing("%", with: user.rawValue)).split(separator: " "))
        }
        #expect(try await allowed(.lead) == allowed(.operator).union(allowed(.supervisor)))
    }

    /// The program's own checks, sent past it by psql: the functions make each again.
    @Test func everyCheckOfTheProgramIsMadeAgain() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let external = try await desk.person { $0.signIn == .external }
        let (id, version, request) = (person.idText, person.version, "gen_random_uuid()")
        let hash = "'$2b$12$" + String(repeating: "Q", count: 53) + "'"
        try await database.setPolicy(
            "pin_minimum_length = 5, require_ticket = true, ticket_pattern = 'T-[0-9]+', verification_methods = '{callback}'"
        )
        let good = #"'{"ticket": "T-1", "verified_by": "callback", "reason": "r"}'"#
        let cases: [(String, String)] = [
            ("issue_voice_pin('\(id)', '\(version)', NULL, \(good))", "request_id_missing"),
            ("issue_voice_pin('\(id)', '1', \(request), \(good))", "account_changed"),
            ("issue_voice_pin('\(id)', NULL, \(request), \(good))", "account_changed"),
            ("issue_voice_pin('\(id)', '\(version)', \(request), '{}')", "ticket_required"),
            ("issue_voice_pin('\(id)', '\(version)', \(request), NULL)", "ticket_required"),
            ("clear_voice_pin('\(id)', '\(version)', \(request), '[]')", "ticket_required"),
            (#"clear_voice_pin('\#(id)', '\#(version)', \#(request), '{"ticket": "xT-1"}')"#, "ticket_malformed"),
            (#"clear_voice_pin('\#(id)', '\#(version)', \#(request), '{"ticket": "T-1"}')"#, "verification_required"),
            ("set_account_active('\(id)', '\(version)', true, \(request), \(good))", "already_so"),
            ("reset_password('\(id)', '\(version)', 'secret', \(request), \(good))", "hash_malformed"),
            ("reset_password('\(id)', '\(version)', NULL, \(request), \(good))", "hash_malformed"),
            (
                "reset_password('\(id)', '\(version)', replace(\(hash), '2b', '2a'), \(request), \(good))",
                "hash_malformed"
            ),
            (
                "reset_password('\(id)', '\(version)', replace(\(hash), '12', '04'), \(request), \(good))",
                "hash_malformed"
            ),
            (
                "reset_password('\(external.idText)', '\(external.version)', \(hash), \(request), \(good))",
                "external_sign_in"
            ),
            ("set_voice_pin('\(id)', '\(version)', '8305', \(request), \(good))", "pin_malformed"),
            ("set_voice_pin('\(id)', '\(version)', '８３０５１', \(request), \(good))", "pin_malformed"),
            ("set_voice_pin('\(id)', '\(version)', NULL, \(request), \(good))", "pin_malformed"),
            ("set_voice_pin('\(id)', '\(version)', '123456', \(request), \(good))", "pin_steps"),
        ]
        let before = try await database.sql("SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users_convonet u")
        for (call, rule) in cases {
            #expect(try await database.sql("SELECT rule FROM convonet_admin.\(call)", as: .operator) == rule, "\(call)")
        }
        #expect(
            try await database.sql("SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users_convonet u") == before)
        #expect(try await database.log().count == cases.count)
        for level in ["REPEATABLE READ", "SERIALIZABLE"] {
            let words = await database.refusal(
                of:
                    "BEGIN ISOLATION LEVEL \(level); SELECT convonet_admin.issue_voice_pin('\(id)', '\(version)', \(request), \(good))",
                as: .operator)
            #expect(words?.contains("only READ COMMITTED") == true)
        }
    }
}
