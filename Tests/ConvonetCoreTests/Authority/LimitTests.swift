import AuditVerification
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct AuthorityLimitTests {
    @Test func statesHaveABudgetOfTheirOwn() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("states_per_operator_hour = 2")
        let desk = try await database.session()
        let people = try await desk.people(4)
        #expect(try await desk.perform(.setActive(false), on: people[0]).outcome == .done)
        #expect(try await desk.perform(.setVerified(!people[1].isVerified), on: people[1]).outcome == .done)
        let third = try await desk.perform(.setActive(false), on: people[2])
        #expect(third.rule == "state_budget" && third.message?.contains("within an hour") == true)
        #expect(try await desk.perform(.issuePIN, on: people[3]).outcome == .done)
        #expect(try await database.session(.secondOperator).perform(.setActive(false), on: people[2]).outcome == .done)
    }

    @Test func recordedRefusalsDoNotFillTheLog() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("refusals_per_operator_hour = 2")
        let desk = try await database.session()
        let person = try await desk.person()
        for _ in 0..<4 {
            // The reason is told all the same.
            let result = try await desk.perform(.setPIN(.text("12")), on: person)
            #expect(result.outcome == .refused && result.rule == "pin_wrong_length")
        }
        #expect(try await database.log().count == 2)
    }

    @Test(arguments: ["ceo@example.org.", "ceo@example.org ", "ceo@EXAMPLE.org\u{200B}", "ceo@mail.example.org.\u{A0}"])
    func aDotOrABlankDoesNotTakeAnAddressOutOfItsDomain(address: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("protected_domains = '{example.org}'")
        let person = try await database.session().person { !$0.email.hasSuffix("example.org") }
        try await database.sql("UPDATE users_convonet SET email = '\(address)' WHERE id = '\(person.idText)'")
        #expect(try await database.session().perform(.issuePIN, on: person).rule == "approval_required")
    }

    /// Deep enough in a recursion the trigger has no stack left; then the change must not go through unseen.
    @Test func nothingIsChangedUnseenAtTheStacksLimit() async throws {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        let person = try await database.session().person()
        let answer = try await database.sql(
            """
            SET max_stack_depth = '200kB';
            CREATE FUNCTION public.deep() RETURNS boolean LANGUAGE plpgsql AS $f$
            DECLARE done boolean;
            BEGIN
                BEGIN done := public.deep(); EXCEPTION WHEN statement_too_complex THEN done := false; END;
                IF done THEN RETURN true; END IF;
                UPDATE public.users_convonet SET is_active = NOT is_active WHERE id = '\(person.idText)';
                RETURN true;
            EXCEPTION WHEN statement_too_complex THEN RETURN false;
            END $f$;
            GRANT UPDATE, SELECT ON public.users_convonet TO test_stranger; SET ROLE test_stranger;
            SELECT public.deep();
            """)
        #expect(answer.hasSuffix("t"))
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "1")
    }
}

/// Whatever an operator makes the log grow by is counted, and no rollback undoes that.
extension AuthorityLimitTests {
    private func count(_ database: TestDatabase) async throws -> String {
        try await database.sql("SELECT count(*) FROM convonet_admin.audit_event")
    }

    @Test(arguments: ["conflicts", "refusals", "decisions", "reused request ids", "policies", "rolled back"])
    func whateverIsNotDoneIsRecordedSoManyTimesAnHour(kind: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("refusals_per_operator_hour = 3")
        let people = try await database.session().people(2)
        let (user, call): (TestDatabase.User, String) =
            switch kind {
            case "conflicts": (.operator, TestDatabase.call(.issuePIN, people[0], version: "1"))
            case "refusals": (.operator, TestDatabase.call(.setActive(true), people[0]))
            case "rolled back": (.operator, "BEGIN; \(TestDatabase.call(.setActive(true), people[0])) ROLLBACK;")
            case "decisions":
                (.lead, "SELECT outcome FROM convonet_admin.decide_approval(1, 'approve', gen_random_uuid(), '{}');")
            case "policies":
                (
                    .supervisor,
                    "SELECT outcome FROM convonet_admin.set_policy('{\"bcrypt_cost\": 99}', gen_random_uuid(), '{}');"
                )
            default:
                (
                    .operator,
                    """
                    SELECT outcome FROM convonet_admin.clear_voice_pin('\(people[1].idText)', '\(people[1].version)',
                        '00000000-0000-0000-0000-000000000001', '{}');
                    """
                )
            }
        if kind == "decisions" {
            try await database.protect(people[0])
            #expect(
                try await database.sql(TestDatabase.call(.issuePIN, people[0]), as: .lead)
                    == "refused:approval_required")
            try await database.setPolicy("refusals_per_operator_hour = 4")
        }
        if kind == "reused request ids" {
            let first = call.replacing(people[1].idText, with: people[0].idText)
                .replacing(people[1].version, with: people[0].version)
            #expect(try await database.sql(first, as: .operator) == "done")
        }
        for _ in 0..<3 { try await database.sql(call, as: user) }
        let before = try await count(database)
        #expect(await database.refusal(of: call, as: user)?.contains("too many events") == true)
        #expect(try await count(database) == before)
        // What may be done is done all the same, and somebody else has a number of their own.
        if user == .operator, kind != "reused request ids" {
            #expect(try await database.sql(TestDatabase.call(.clearPIN, people[0]), as: user) == "done")
            let conflict = TestDatabase.call(.issuePIN, people[0], version: "1")
            #expect(try await database.sql(conflict, as: .secondOperator) == "conflict:account_changed")
        }
        if kind == "rolled back" { #expect(before == "0") }
    }

    @Test func whoeverIsToldNoMoreIsToldWhy() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("refusals_per_operator_hour = 1")
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await desk.perform(.setActive(true), on: person).rule == "already_so")
        let error = await #expect(throws: AdminError.self) { try await desk.perform(.setActive(true), on: person) }
        #expect(error?.description.contains("refusals_per_operator_hour") == true)
        // An hour later there is room again, for changes without end too.
        try await database.sql(
            """
            SELECT setval('convonet_admin.refused_events_' || n, (extract(epoch FROM now())::bigint - 3601) * 1048576 + 1),
                   setval('convonet_admin.done_events_' || n, (extract(epoch FROM now())::bigint - 60) * 1048576 + 10000)
            FROM generate_series(0, 63) n
            """)
        #expect(try await desk.perform(.setActive(true), on: person).rule == "already_so")
        let tooMany = await #expect(throws: AdminError.self) { try await desk.perform(.setActive(false), on: person) }
        #expect(tooMany?.description.contains("events_per_operator_hour") == true)
        #expect(try await desk.accounts.account(id: person.id)?.isActive == true)
    }
}

/// How much anybody can make us store.
extension AuthorityLimitTests {
    private func lengths(_ database: TestDatabase) async throws -> String {
        try await database.sql("SELECT max(octet_length(e::text)) FROM convonet_admin.audit_event e")
    }

    @Test(arguments: [
        #"{"ticket_pattern": "VALUE"}"#, #"{"minimum_length": "VALUE"}"#, #"{"context_words": "VALUE"}"#,
        #"{"context_words": ["VALUE"]}"#, #"{"protected_accounts": [["VALUE"]]}"#, #"{"blocked_passwords": "VALUE"}"#,
        #"{"blocked_passwords": {"VALUE": 1}}"#, #"{"require_reason": "VALUE"}"#,
    ])
    func aPolicysValueOfAnyLengthLeavesAShortEvent(changes: String) async throws {
        let database = try await TestDatabase.quick()
        let text = "replace('\(changes)', 'VALUE', repeat('v', 20000000))::jsonb"
        #expect(
            try await database.sql(
                "SELECT rule FROM convonet_admin.set_policy(\(text), gen_random_uuid(), '{}')", as: .supervisor)
                == "setting_out_of_range")
        #expect(Int(try await lengths(database)) ?? .max < 2000)
        let detail = try await database.sql("SELECT detail FROM convonet_admin.audit_event")
        #expect(detail.contains(" -> ") && !(changes.contains("blocked") && detail.contains("vvv")), "\(detail)")
    }

    @Test func claimsOfAnyLengthLeaveAShortEvent() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL WHERE id = '\(person.idText)'")
        let names = [
            "reason", "ticket", "method", "weak", "verified_by", "operator", "host", "tty", "application", "uid",
            "none",
        ]
        let claims = names.map { "'\($0)', repeat(chr(1) || 'x', 1000000)" }.joined(separator: ", ")
        let call = """
            SELECT outcome FROM convonet_admin.issue_voice_pin('\(person.idText)',
                (SELECT version FROM convonet_admin.accounts WHERE id = '\(person.idText)'), gen_random_uuid(),
                jsonb_build_object(\(claims)));
            """
        #expect(try await database.sql(call, as: .operator) == "done")
        #expect(Int(try await lengths(database)) ?? .max < 4000)
        // Nor do people whose names the application does not bound.
        try await Migrator(try database.pool()).detach()
        try await database.sql(
            "ALTER TABLE users_convonet ALTER username TYPE text, DROP CONSTRAINT IF EXISTS x", as: .owner)
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        try await database.sql("DROP INDEX ix_users_convonet_username")
        try await database.sql(
            "UPDATE users_convonet SET username = repeat('n', 1000000), voice_pin = NULL WHERE id = '\(person.idText)'",
            as: .owner)
        #expect(try await database.sql(call, as: .operator) == "done")
        #expect(Int(try await lengths(database)) ?? .max < 4000)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func anOrdinaryListIsTakenWhole() async throws {
        let database = try await TestDatabase.quick()
        let changes = """
            jsonb_build_object('protected_accounts', (SELECT jsonb_agg(gen_random_uuid()) FROM generate_series(1, 9999)),
                'blocked_passwords', (SELECT jsonb_agg('password-' || i) FROM generate_series(1, 100000) i))
            """
        #expect(
            try await database.sql(
                "SELECT outcome FROM convonet_admin.set_policy(\(changes), gen_random_uuid(), '{}')", as: .supervisor)
                == "done")
    }
}
