import AuditVerification
import ConvonetCore
import Credentials
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct FirstSliceTests {
    @Test func aPasswordIsResetAndLogged() async throws {
        let database = try await TestDatabase.make()
        let desk = try await database.session()
        let page = try await desk.accounts.page(of: AccountSelection(), limit: 5)
        #expect(page.accounts.count == 5)
        #expect(page.hasMore)
        let person = try #require(page.accounts.first { $0.signIn == .password })
        let result = try await desk.changes.perform(
            AccountChange(account: person, action: .generatePassword, context: ChangeContext(reason: "forgot it")))
        #expect(result.outcome == .done)
        let hash = try PasswordHash(parsing: try await database.stored("password_hash", of: person))
        #expect(BcryptHasher.verify(try #require(result.newSecret), against: hash))
        #expect(result.receipt?.sequence == 1)
        let audit = try await database.session(.auditor).audit
        let events = try await audit.newest(limit: 10)
        #expect(events.count == 1)
        #expect(events.first?.reason == "forgot it")
        #expect(events.first?.dbUser == "test_operator")
        #expect(events.first?.detail == "method=generated")
        #expect(try await audit.verify().problem == nil)
    }
}
