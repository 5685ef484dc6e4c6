import ConvonetCore
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct AuthorityTests {
    private static let forNobody = [
        "SELECT FROM users_convonet", "SELECT password_hash FROM users_convonet",
        "SELECT voice_pin FROM users_convonet",
        "UPDATE users_convonet SET is_active = false", "UPDATE users_convonet SET voice_pin = '1'",
        "DELETE FROM users_convonet",
        "INSERT INTO users_convonet (id) VALUES (gen_random_uuid())", "TRUNCATE users_convonet CASCADE",
        "BEGIN; LOCK TABLE users_convonet",
        "SELECT FROM teams_convonet", "SELECT key FROM convonet_admin.pin_decoy_key",
        "SELECT FROM convonet_admin.refused_pin",
        "SELECT FROM convonet_admin.operator_slot", "SELECT last_value FROM convonet_admin.typed_pin_refusals_0",
        "SELECT nextval('convonet_admin.typed_pin_refusals_0')",
        "SELECT setval('convonet_admin.typed_pin_refusals_0', 1)",
        "SELECT convonet_admin.is_decoy('730592')", "SELECT convonet_admin.draw_pin(6)",
        "SELECT convonet_admin.counted('typed_pin_refusals', 0)",
        "SELECT convonet_admin.count_one('typed_pin_refusals', 0)", "SELECT nextval('convonet_admin.pin_answers_0')",
        "SELECT FROM convonet_admin.hand_read(gen_random_uuid())", "SELECT convonet_admin.hand_has_pin('730592')",
        "SELECT convonet_admin.hand_write(NULL, 'voice_pin', '730592')", "SET ROLE desk_hand", "SET ROLE desk_reader",
        "SELECT convonet_admin.operator_slot_of('{}')",
        "SELECT convonet_admin.append_event(NULL)", "SELECT convonet_admin.finish_attempt(NULL)",
        "SELECT convonet_admin.begin_attempt('reset_password', NULL, NULL, NULL, NULL)",
        "SELECT convonet_admin.event_hash(NULL)",
        "SELECT convonet_admin.carry_out('issue_voice_pin', NULL, NULL, NULL, NULL, NULL)",
        "SELECT convonet_admin.new_event('x', NULL, NULL)",
        "INSERT INTO convonet_admin.audit_event SELECT", "UPDATE convonet_admin.audit_event SET reason = ''",
        "DELETE FROM convonet_admin.audit_event", "TRUNCATE convonet_admin.audit_event",
        "UPDATE convonet_admin.audit_head SET sequence = 0",
        "DELETE FROM convonet_admin.audit_head", "UPDATE convonet_admin.policy SET typed_pin_limit = 20",
        "DELETE FROM convonet_admin.policy",
        "UPDATE convonet_admin.installation SET schema_version = 9",
        "UPDATE convonet_admin.accounts SET is_active = false",
        "DELETE FROM convonet_admin.accounts", "CREATE TABLE convonet_admin.mine ()",
        "DROP VIEW convonet_admin.accounts",
        "SET ROLE desk_owner", "SET ROLE convonet_owner", "SET SESSION AUTHORIZATION postgres",
        "ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL", "SET session_replication_role = replica",
        "GRANT desk_owner TO test_operator", "GRANT desk_supervisor TO test_operator", "SET log_statement = 'none'",
        "COPY convonet_admin.audit_event FROM STDIN", "SELECT pg_read_file('postgresql.conf')",
        "ALTER FUNCTION convonet_admin.reset_password(uuid, text, text, uuid, jsonb) RESET search_path",
        "CREATE OR REPLACE FUNCTION convonet_admin.is_decoy(p_pin text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "CREATE TRIGGER t BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ]
    private static let readLog = ["SELECT FROM convonet_admin.audit_event", "SELECT FROM convonet_admin.audit_head"]
    private static let change = [
        "SELECT convonet_admin.reset_password(NULL, NULL, NULL, NULL, NULL)",
        "SELECT convonet_admin.issue_voice_pin(NULL, NULL, NULL, NULL)",
        "SELECT convonet_admin.set_voice_pin(NULL, NULL, NULL, NULL, NULL)",
        "SELECT convonet_admin.clear_voice_pin(NULL, NULL, NULL, NULL)",
        "SELECT convonet_admin.record_refusal(NULL, 'reset_password', 'password_empty', NULL, NULL)",
    ]
    private static let history = ["SELECT FROM convonet_admin.account_history(gen_random_uuid())"]
    private static let setPolicy = [
        "SELECT convonet_admin.set_policy('{\"require_reason\": false}', gen_random_uuid(), '{}')"
    ]
    private static let see = [
        "SELECT FROM convonet_admin.accounts", "SELECT FROM convonet_admin.policy",
        "SELECT FROM convonet_admin.installation",
    ]

    private static let may: [TestDatabase.User: [String]] = [
        .stranger: [], .viewer: see, .operator: see + history, .auditor: see + readLog,
        .supervisor: see + history + setPolicy,
    ]

    @Test(arguments: [TestDatabase.User.stranger, .viewer, .operator, .auditor, .supervisor])
    func eachMayWhatTheirGroupMayAndNoMore(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.make()
        let may = Self.may[user] ?? []
        for statement in may { #expect(await database.refusal(of: statement, as: user) == nil, "\(statement)") }
        let all = Self.forNobody + Self.readLog + Self.history + Self.setPolicy + Self.see
        for statement in all where !may.contains(statement) {
            let words = await database.refusal(of: statement, as: user)
            #expect(
                words?.contains("permission denied") == true || words?.contains("must be owner") == true
                    || words?.contains("must have admin option") == true, "\(statement): \(words ?? "done")")
        }
        for statement in Self.change {
            // With the right to call it, it says that nobody of that id is there.
            let words = try await #require(database.refusal(of: statement, as: user))
            #expect(
                words.contains(user == .operator ? "no such account" : "permission denied"), "\(statement): \(words)")
        }
    }

    @Test func temporaryFunctionsDoNotHijackOurs() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let planted = """
            CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
            CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''hijacked as %'', current_user; END';
            CREATE FUNCTION pg_temp.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''hijacked as %'', current_user; END';
            CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''hijacked as %'', current_user; END';
            CREATE FUNCTION pg_temp.ne(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''hijacked as %'', current_user; END';
            CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.ne);
            SET search_path = pg_temp, pg_catalog;
            """
        let call =
            "SELECT outcome FROM convonet_admin.issue_voice_pin('\(person.idText)', '\(person.version)', pg_catalog.gen_random_uuid(), '{}')"
        #expect(try await database.sql(planted + call, as: .operator) == "done")
    }

    @Test func everyFunctionThatActsForItsOwnerHasItsSearchPath() async throws {
        let database = try await TestDatabase.make()
        #expect(
            try await database.sql(
                """
                SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'convonet_admin'::regnamespace
                AND (proconfig IS NULL OR NOT 'search_path=pg_catalog, pg_temp' = ANY (proconfig)
                     OR has_function_privilege('test_stranger', oid, 'EXECUTE') OR pg_get_userbyid(proowner) <> CASE WHEN proname ~ '^(hand|reader)_' THEN 'desk_' || split_part(proname, '_', 1) ELSE 'desk_owner' END)
                """) == "")
        // The reader has no right but to read what lies beside the people.
        #expect(
            try await database.sql(
                """
                SELECT string_agg(concat_ws(' ', privilege_type, table_name), ', ' ORDER BY table_name, privilege_type)
                FROM information_schema.table_privileges WHERE grantee = 'desk_reader' AND table_schema <> 'convonet_admin'
                """) == "SELECT team_memberships_convonet, SELECT teams_convonet")
        #expect(
            try await database.sql(
                "SELECT has_any_column_privilege('desk_reader', 'users_convonet', 'SELECT, UPDATE') OR has_schema_privilege('desk_reader', 'convonet_admin', 'USAGE')"
            ) == "f")
        // The hand may change five columns, the owner has no right there, and no role of ours is or reaches a superuser.
        #expect(
            try await database.sql(
                """
                SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.column_privileges
                WHERE grantee = 'desk_hand' AND table_name = 'users_convonet' AND privilege_type = 'UPDATE'
                """) == "is_active is_verified password_hash updated_at voice_pin")
        #expect(
            try await database.sql(
                "SELECT count(*) FROM information_schema.column_privileges WHERE grantee = 'desk_owner' AND table_schema = 'public'"
            ) == "0")
        #expect(
            try await database.sql(
                "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'desk\\_%' AND (rolsuper OR rolcanlogin OR rolcreaterole)"
            ) == "0")
    }

    @Test func errorsAndPlansGiveNothingAway() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let pin = try await database.sql(
            "SELECT voice_pin FROM users_convonet WHERE voice_pin IS NOT NULL AND id <> '\(person.idText)' LIMIT 1")
        let hash = "$2b$12$" + String(repeating: "Q", count: 53)
        let calls = [
            "SELECT convonet_admin.set_voice_pin('\(person.idText)', '\(person.version)', '\(pin)', gen_random_uuid(), '{}')",
            "SELECT convonet_admin.reset_password('\(person.idText)', '\(person.version)', '\(hash)', NULL, '[]')",
            "SELECT convonet_admin.reset_password('\(person.idText)', '\(person.version)', 'plain text', gen_random_uuid(), 'null')",
        ]
        for call in calls {
            let answer = try await database.sql(
                "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT always\n" + call, as: .operator)
            #expect(answer.contains("refused") && !answer.contains(pin) && !answer.contains("$2b$"))
        }
        let seen = try await database.sql(
            """
            SELECT string_agg(s::text, ' ') FROM pg_stats s; SELECT string_agg(s::text, ' ') FROM pg_sequences s;
            SELECT string_agg(a::text, ' ') FROM pg_stat_activity a;
            EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM convonet_admin.accounts WHERE has_voice_pin;
            """, as: .operator)
        #expect(!seen.contains(pin) && !seen.contains("$2b$"))
        #expect(
            try await database.sql("SELECT count(*) FROM pg_stats WHERE tablename = 'users_convonet'", as: .operator)
                == "0"
        )
    }

    @Test func recordRefusalTakesEveryChangeThatBringsAValue() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        for action in AccountAction.all {
            let call =
                "SELECT convonet_admin.record_refusal('\(person.idText)', '\(action.name)', 'pin_empty', gen_random_uuid(), '{}')"
            // A person's own attempt is in the log as theirs alone.
            #expect(
                await database.refusal(
                    of:
                        "SELECT convonet_admin.record_refusal('\(person.idText)', 'change_password', 'password_common', gen_random_uuid(), '{}')",
                    as: .operator) != nil)
            if case .state = action.value {
                #expect(await database.refusal(of: call, as: .operator)?.contains("unknown action or rule") == true)
            } else {
                #expect(try await database.sql(call, as: .operator).contains("refused"), "\(action.name)")
            }
        }
    }

    @Test func recordRefusalTakesOnlyKnownWords() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        for (action, rule) in [
            ("reset_password", "my secret is x"), ("set_policy", "password_empty"), ("done", "password_empty"),
        ] {
            let words = await database.refusal(
                of:
                    "SELECT convonet_admin.record_refusal('\(person.idText)', '\(action)', '\(rule)', gen_random_uuid(), '{}')",
                as: .operator)
            #expect(words?.contains("unknown action or rule") == true)
        }
        #expect(try await database.log().isEmpty)
    }
}
