import ConvonetCore
import PostgresClient
import TestDatabase
import Testing

@Suite struct AuthorityLimitTests {
    @Test func statesHaveABudgetOfTheirOwn() async throws {
        let database = try await TestDatabase.quick()
        try database.setPolicy("states_per_operator_hour = 2")
        let desk = try await database.session()
        let people = try await desk.people(4)
        #expect(try await desk.perform(.setActive(false), on: people[0]).outcome == .done)
        #expect(try await desk.perform(.setVerified(!people[1].isVerified), on: people[1]).outcome == .done)
        let third = try await desk.perform(.setActive(false), on: people[2])
        #expect(third.rule == "state_budget" && third.message?.contains("within an hour") == true)
        #expect(try await desk.perform(.issuePIN, on: people[3]).outcome == .done)
        #expect(try await database.session(.secondDesk).perform(.setActive(false), on: people[2]).outcome == .done)
    }

    @Test func recordedRefusalsDoNotFillTheLog() async throws {
        let database = try await TestDatabase.quick()
        try database.setPolicy("refusals_per_operator_hour = 2")
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
        try database.setPolicy("protected_domains = '{example.org}'")
        let person = try await database.session().person { !$0.email.hasSuffix("example.org") }
        try database.sql("UPDATE users_convonet SET email = '\(address)' WHERE id = '\(person.idText)'")
        #expect(try await database.session().perform(.issuePIN, on: person).rule == "approval_required")
    }

    /// Deep enough in a recursion the trigger has no stack left; then the change must not go through unseen.
    @Test func nothingIsChangedUnseenAtTheStacksLimit() async throws {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        let person = try await database.session().person()
        let answer = try database.sql(
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
        #expect(try database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "1")
    }
}
