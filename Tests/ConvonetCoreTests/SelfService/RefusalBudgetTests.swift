import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import EmbeddedPostgres
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// Whoever has the credentials of self-service makes the log grow by so many refusals an hour, and what is beyond is not lost.
@Suite(.dropsDatabases) struct RefusalBudgetTests {
    private func limited(to limit: Int) async throws -> (TestDatabase, Account) {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("self_service_refusals_per_hour = \(limit)")
        return (database, try await database.session().person())
    }

    private func refuse(_ person: Account) -> String {
        """
        SELECT concat_ws(' ', outcome, rule, sequence) FROM convonet_admin.self_record_refusal(
            'reset_password', '\(person.idText)', 'password_empty', gen_random_uuid(), '{"host": "web-1"}');
        """
    }

    private func pass(anHourOf database: TestDatabase) async throws {
        try await database.sql(
            """
            SELECT setval('convonet_admin.self_refusals_0', (extract(epoch FROM clock_timestamp())::bigint - 3700) * 1048576
                          + last_value % 1048576) FROM convonet_admin.self_refusals_0
            """)
    }

    @Test func whatIsBeyondTheNumberIsAnsweredAndCountedAndToldLater() async throws {
        let (database, person) = try await limited(to: 3)
        for number in 1...3 {
            #expect(try await database.sql(refuse(person), as: .selfService) == "refused password_empty \(number)")
        }
        for _ in 0..<4 {
            #expect(try await database.sql(refuse(person), as: .selfService) == "refused password_empty 0")
        }
        #expect(try await database.log().count == 3)
        // What is done is written all the same, and staff have numbers of their own.
        let service = try database.selfService()
        let mail = try await database.link(to: person.email, service)
        let result = try await service.resetPassword(
            by: mail.token, to: newHash(), from: "192.0.2.1", request: UUID())
        #expect(result?.receipt.outcome == .done && result?.receipt.sequence == 5)
        #expect(try await database.session().perform(.setActive(true), on: person).receipt?.sequence == 6)
        try await pass(anHourOf: database)
        // Who rolls back leaves it to the next.
        try await database.sql("BEGIN; \(refuse(person)) ROLLBACK;", as: .selfService)
        #expect(try await database.log().count == 6)
        #expect(try await database.sql(refuse(person), as: .selfService) == "refused password_empty 8")
        let told = try await database.log()[6]
        #expect(told.action == "count_refusals" && told.outcome == "refused" && told.rule == "refusal_limit")
        #expect(told.detail == "refusals=4" && told.actorKind == "self" && told.dbUser == "test_selfservice")
        #expect(told.host == "web-1" && told.accountID == nil && told.requestID == nil)
        try await database.sql(refuse(person), as: .selfService)
        #expect(try await database.log().count == 9)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// Each kind of refusal comes through the same place, and no rollback gives any back.
    @Test func noRollbackGivesAnyBack() async throws {
        let (database, person) = try await limited(to: 2)
        for _ in 0..<2 { try await database.sql("BEGIN; \(refuse(person)) ROLLBACK;", as: .selfService) }
        let link = """
            SELECT concat_ws(' ', outcome, rule, sequence) FROM convonet_admin.self_check_old_password(
                '\(person.idText)', 'x', gen_random_uuid(), '{}');
            """
        #expect(try await database.sql(link, as: .selfService) == "refused old_password_wrong 0")
        #expect(try await database.log().isEmpty)
        let serverLog = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        #expect(
            serverLog.contains("only counted: change_password of account \(person.idText): refused old_password_wrong"))
    }

    /// A wrong old password makes the next wait, whether it is written or counted.
    @Test func aGuessThatIsOnlyCountedCountsForThePerson() async throws {
        let (database, person) = try await limited(to: 1)
        let guess = """
            SELECT rule FROM convonet_admin.self_change_password('\(person.idText)', 'guess', 'x', gen_random_uuid(), '{}');
            """
        var rules: [String] = []
        for _ in 0..<7 { rules.append(try await database.sql(guess, as: .selfService)) }
        #expect(rules.prefix(5).allSatisfy { $0 == "old_password_wrong" })
        #expect(rules.suffix(2).allSatisfy { $0 == "old_password_blocked" }, "\(rules)")
        #expect(try await database.log().count == 1)
    }

    @Test func manyAtOnceTellOfItOnce() async throws {
        let (database, person) = try await limited(to: 1)
        for _ in 0..<6 { try await database.sql(refuse(person), as: .selfService) }
        try await database.setPolicy("self_service_refusals_per_hour = 1000")
        let call = refuse(person)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask { _ = try await database.sql(call, as: .selfService) }
            }
            try await group.waitForAll()
        }
        #expect(try await database.outcomes(of: "count_refusals") == "refused refusal_limit")
        #expect(
            try await database.sql("SELECT detail FROM convonet_admin.audit_event WHERE action = 'count_refusals'")
                == "refusals=5")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }
}
