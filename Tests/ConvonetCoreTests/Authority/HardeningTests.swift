import AuditVerification
import ConvonetCore
import Credentials
import PostgresClient
import TestDatabase
import Testing

/// What a caller with psql may set in a session of theirs, and what must not come of it.
@Suite(.dropsDatabases) struct HardeningTests {
    @Test func everyFunctionWithTheOwnersRightsKeepsItsPlansToItself() async throws {
        let database = try await TestDatabase.make()
        let lacking = try await database.sql(
            """
            SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc p
            WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef AND NOT coalesce(p.proconfig, '{}') @> ARRAY[
                'client_min_messages=error', 'debug_print_parse=off', 'debug_print_rewritten=off',
                'debug_print_plan=off', 'TimeZone=UTC', 'search_path=pg_catalog, pg_temp']
            """)
        #expect(lacking == "")
    }

    @Test func whoBringsTemporaryTablesChangesNothing() async throws {
        let database = try await TestDatabase.make()
        let person = try await database.session().person()
        let call = TestDatabase.call(.issuePIN, person)
        for object in ["TEMP TABLE user_changes (id uuid)", "TYPE pg_temp.kind AS ENUM ('a')"] {
            #expect(
                await database.refusal(of: "CREATE \(object); \(call)", as: .operator)?.contains("temporary objects")
                    == true)
        }
        #expect(try await database.sql("CREATE TEMP TABLE t (); DROP TABLE t; \(call)", as: .operator) == "done")
    }

    @Test func aTimeZoneMakesNoDayShorter() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.policy SET resets_per_account_day = 1")
        let person = try await database.session().person()
        let version = "(SELECT version FROM convonet_admin.accounts WHERE id = '\(person.idText)')"
        let call =
            "SELECT outcome || coalesce(':' || rule, '') FROM convonet_admin.issue_voice_pin('\(person.idText)', \(version), gen_random_uuid(), '{}');"
        #expect(try await database.sql(call, as: .operator) == "done")
        let day = try await database.sql("SELECT extract(doy FROM now())::integer")
        let zone = "SET timezone = 'AAA0BBB-25,J\(day)/0,J\((Int(day) ?? 1) % 365 + 1)/23';"
        #expect(try await database.sql(zone + call, as: .operator).hasSuffix("refused:account_budget"))
    }

    @Test func thePersonsOwnPINIsAsUnavailableAsAnybodysAndCounted() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.policy SET decoys_per_thousand = 0")
        let person = try await database.session().person()
        try await database.sql("UPDATE users_convonet SET voice_pin = '839174' WHERE id = '\(person.idText)'")
        let session = try await database.session()
        for _ in 0..<3 {
            let result = try await session.perform(.setPIN(Secret(copying: "839174")), on: person)
            #expect(result.rule == "pin_unavailable")
        }
        #expect(try await session.perform(.setPIN(Secret(copying: "839271")), on: person).rule == "typed_pin_limit")
    }

    @Test func noSettingHidesBehindTheLengthOfAnother() async throws {
        let database = try await TestDatabase.make()
        let long =
            "[" + (0..<30).map { "\"" + String(repeating: "x", count: 300) + "\($0)\"" }.joined(separator: ",") + "]"
        try await database.sql(
            "SELECT convonet_admin.set_policy('{\"context_words\": \(long), \"protected_domains\": [\"example.org\"]}', gen_random_uuid(), '{}')",
            as: .supervisor)
        let detail = try await database.sql("SELECT detail FROM convonet_admin.audit_event WHERE action = 'set_policy'")
        #expect(detail.utf8.count > 4000 && detail.contains("protected_domains: [] -> [\"example.org\"]"))
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test(arguments: [
        #"{"protected_domains": ["*.example.org"]}"#, #"{"protected_domains": [".example.org"]}"#,
        #"{"protected_domains": ["example.org."]}"#, #"{"protected_domains": ["anna@example.org"]}"#,
        #"{"protected_domains": [""]}"#, #"{"approver_addresses": [null]}"#, #"{"protected_accounts": ["a", null]}"#,
        #"{"context_words": [null]}"#, "{\"context_words\": [\"\(String(repeating: "x", count: 321))\"]}",
    ])
    func anEntryThatWouldProtectNobodyIsRefused(_ changes: String) async throws {
        let database = try await TestDatabase.make()
        let ended = try await database.sql(
            "SELECT outcome || ':' || rule FROM convonet_admin.set_policy('\(changes)', gen_random_uuid(), '{}')",
            as: .supervisor)
        #expect(ended == "refused:setting_out_of_range")
    }

    @Test func aRefusalWithoutARuleIsNotRecorded() async throws {
        let database = try await TestDatabase.make()
        let person = try await database.session().person()
        let call = "SELECT convonet_admin.record_refusal('\(person.idText)', 'reset_password', NULL, NULL, '{}')"
        #expect(await database.refusal(of: call, as: .operator)?.contains("unknown action or rule") == true)
    }

    @Test func clientsBehindASocketForBothKindsAreToldApart() async throws {
        let database = try await TestDatabase.make()
        let keys = try await database.sql(
            """
            SELECT string_agg(n.key, ' ' ORDER BY place, n.factor)
            FROM unnest(ARRAY['::ffff:10.0.0.1', '::ffff:99.0.0.1', '2001:db8:1:203::1', 'x']) WITH ORDINALITY u (a, place),
                 convonet_admin.client_networks(a) n
            """)
        #expect(
            keys == "10.0.0.1 99.0.0.1 2001:db8:1:203::/64 2001:db8:1:200::/56 2001:db8:1::/48 unknown")
    }

    /// What changes nothing, or could not be told from another try, is no call; it writes no event.
    @Test(arguments: [
        ("set_policy('{}', gen_random_uuid(), '{}')", "no setting given"),
        ("set_policy('[]', gen_random_uuid(), '{}')", "no setting given"),
        ("set_policy(NULL, gen_random_uuid(), '{}')", "no setting given"),
        ("set_policy('{\"require_reason\": true}', NULL, '{}')", "no request id"),
        ("decide_approval(1, 'approve', NULL, '{}')", "no request id"),
    ])
    func aCallWithoutARequestOrAChangeIsRefused(call: String, words: String) async throws {
        let database = try await TestDatabase.make()
        let refusal = await database.refusal(of: "SELECT convonet_admin.\(call)", as: .supervisor)
        #expect(refusal?.contains(words) == true, "\(refusal ?? "done")")
        #expect(try await database.log().isEmpty)
    }
}
