import AuditVerification
import ConvonetCore
import TestDatabase
import Testing

/// Since when the application's tokens count.
@Suite struct SignOutTests {
    private static func cutoff(_ database: TestDatabase, _ person: Account) async throws -> String {
        try await database.sql(
            """
            SELECT e.action FROM convonet_admin.tokens_not_before t JOIN convonet_admin.audit_event e
            ON (e.account_id, e.occurred_at) = (t.account_id, t.not_before) WHERE t.account_id = '\(person.idText)'
            """)
    }

    @Test func whatEndsTokensIsSeenByTheApplication() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        #expect(try await Self.cutoff(database, person) == "")
        #expect(try await session.perform(.issuePIN, on: person).outcome == .done)
        #expect(try await Self.cutoff(database, person) == "")
        for action in [AccountChange.Action.signOut, .generatePassword, .setActive(false)] {
            #expect(try await session.perform(action, on: person).outcome == .done)
            #expect(try await Self.cutoff(database, person) == action.name)
        }
        #expect(try await session.perform(.setActive(true), on: person).outcome == .done)
        #expect(try await Self.cutoff(database, person) == "deactivate")
        let hash = try await database.stored("password_hash", of: person)
        #expect(try await session.perform(.signOut, on: person).outcome == .done)
        #expect(try await database.stored("password_hash", of: person) == hash)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func aSlipThatWasTakenBackEndsNoTokens() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(2)
        #expect(try await session.perform(.signOut, on: people[0]).outcome == .done)
        for (person, before) in [(people[0], "sign_out"), (people[1], "")] {
            let receipt = try await database.reset(person, .generatePassword, by: session)
            #expect(try await Self.cutoff(database, person) == "reset_password")
            #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
            #expect(try await Self.cutoff(database, person) == before)
        }
    }

    @Test func aSignOutIsRefusedLikeEveryChange() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(2)
        try await database.setPolicy("states_per_operator_hour = 1")
        #expect(try await session.perform(.signOut, on: people[0]).outcome == .done)
        #expect(try await session.perform(.signOut, on: people[1]).rule == "state_budget")
        #expect(try await Self.cutoff(database, people[1]) == "")
    }
}
