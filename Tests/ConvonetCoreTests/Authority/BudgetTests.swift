import AuditVerification
import ConvonetCore
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct BudgetTests {
    @Test func anOperatorsHourIsCountedByWhatIsDone() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("resets_per_operator_hour = 2")
        let (desk, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await desk.people(4)
        #expect(try await desk.perform(.clearPIN, on: people[0]).outcome == .done)
        // Refusals and states of accounts cost nothing.
        #expect(try await desk.perform(.clearPIN, on: people[0]).rule == "no_voice_pin")
        #expect(try await desk.perform(.setVerified(!people[0].isVerified), on: people[0]).outcome == .done)
        #expect(try await desk.perform(.generatePassword, on: people[1]).outcome == .done)
        for action in [AccountChange.Action.generatePassword, .issuePIN, .setPIN(.text("8305")), .clearPIN] {
            let result = try await desk.perform(action, on: people[2])
            #expect(result.outcome == .refused && result.rule == "operator_budget")
            #expect(result.message?.contains("reset passwords or PINs twice within an hour") == true)
        }
        #expect(try await desk.perform(.setActive(false), on: people[2]).outcome == .done)
        #expect(try await other.perform(.clearPIN, on: people[3]).outcome == .done)
        // With psql it is no different, and another claimed user at the same database user helps nobody.
        let claims = #"{"uid": 4242, "operator": "somebody else"}"#
        let now = try #require(try await desk.accounts.account(id: people[2].id))
        #expect(
            try await database.sql(TestDatabase.call(.clearPIN, now, claims: claims), as: .operator)
                == "refused:operator_budget")
        // An hour later.
        try await database.tamper(
            "UPDATE convonet_admin.audit_event SET occurred_at = occurred_at - interval '61 minutes'")
        #expect(try await desk.perform(.clearPIN, on: people[2]).outcome == .done)
    }

    @Test func anAccountsDayCountsEverybody() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("resets_per_account_day = 2")
        let (desk, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await desk.people(2)
        #expect(try await desk.perform(.issuePIN, on: people[0]).outcome == .done)
        #expect(try await other.perform(.generatePassword, on: people[0]).outcome == .done)
        #expect(try await desk.perform(.clearPIN, on: people[0]).rule == "account_budget")
        #expect(try await other.perform(.issuePIN, on: people[0]).rule == "account_budget")
        #expect(try await desk.perform(.setActive(false), on: people[0]).outcome == .done)
        #expect(try await desk.perform(.issuePIN, on: people[1]).outcome == .done)
    }

    @Test func parallelCallersAndRollbacksDoNotStretchABudget() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("resets_per_operator_hour = 5, resets_per_account_day = 3")
        let desk = try await database.session()
        let people = try await desk.people(16)
        let rolledBack = people.prefix(8).map { "BEGIN; \(TestDatabase.call(.issuePIN, $0)) ROLLBACK;\n" }
        #expect(try await Set(database.sql(rolledBack.joined(), as: .operator).split(separator: "\n")) == ["done"])
        #expect(try await database.sql(TestDatabase.call(.issuePIN, people[0]), as: .operator) == "done")
        let rules = try await withThrowingTaskGroup(of: String?.self) { group in
            for person in people.dropFirst() {
                group.addTask { try await database.session().perform(.issuePIN, on: person).rule }
            }
            return try await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(rules.filter { $0 == nil }.count == 4)
        #expect(rules.filter { $0 == "operator_budget" }.count == 11)

        try await database.setPolicy("resets_per_operator_hour = 0")
        let onOne = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<10 {
                group.addTask {
                    let session = try await database.session(number % 2 == 0 ? .operator : .secondOperator)
                    // A conflict is tried again, as somebody would.
                    while true {
                        let rule = try await session.perform(.issuePIN, on: people[0]).rule
                        if rule != "account_changed" { return rule }
                    }
                }
            }
            return try await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(onOne.filter { $0 == nil }.count == 2)
        #expect(onOne.filter { $0 == "account_budget" }.count == 8)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func withoutRolesTheClaimedUserIsCounted() async throws {
        let database = try await TestDatabase.quick(.migratedWithoutRoles)
        try await database.setPolicy("resets_per_operator_hour = 1")
        let anna = try await database.session(.owner)
        let carla = try await database.session(.owner, identity: TestDatabase.secondIdentity)
        let people = try await anna.people(3)
        #expect(try await anna.perform(.issuePIN, on: people[0]).outcome == .done)
        #expect(try await anna.perform(.issuePIN, on: people[1]).rule == "operator_budget")
        #expect(try await carla.perform(.issuePIN, on: people[1]).outcome == .done)
    }

    @Test func whereNothingMayBeTypedOnlyGeneratedAndIssuedOnesGoThrough() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("allow_typed = false")
        let desk = try await database.session()
        let person = try await desk.person()
        for action in [
            AccountChange.Action.setPassword(.text("kdfj-eorj-3939-wqpz"), allowWeak: true), .setPIN(.text("8305")),
        ] {
            let result = try await desk.perform(action, on: person)
            #expect(result.outcome == .refused && result.rule == "typed_not_allowed")
            let now = try #require(try await desk.accounts.account(id: person.id))
            let rehearsal = try await desk.changes.rehearse(AccountChange(account: now, action: action))
            #expect(rehearsal.rule == "typed_not_allowed")
        }
        for claims in ["{}", #"{"method": "typed"}"#] {
            #expect(
                try await database.sql(TestDatabase.call(.generatePassword, person, claims: claims), as: .operator)
                    == "refused:typed_not_allowed")
        }
        #expect(
            try await database.sql(
                TestDatabase.call(.setPIN(.text("")), person, claims: #"{"method": "issued"}"#), as: .operator)
                == "refused:typed_not_allowed")
        #expect(try await desk.perform(.generatePassword, on: person).outcome == .done)
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
        #expect(try await desk.perform(.clearPIN, on: person).outcome == .done)
    }
}
