import ConvonetCore
import ConvonetDatabase
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct SpellingTests {
    /// Two people whose addresses differ in case alone, as the application allows them.
    @Test func noneOfTwoSpellingsIsTakenForTheOther() async throws {
        let database = try await TestDatabase.make()
        let two = try await database.session().accounts.page(of: AccountSelection(), limit: 2).accounts
        try await database.sql(
            """
            UPDATE users_convonet SET email = 'bob@example.org' WHERE id = '\(two[0].idText)';
            UPDATE users_convonet SET email = 'BOB@example.org' WHERE id = '\(two[1].idText)';
            """)
        let accounts = try await database.session().accounts
        #expect(try await accounts.find("bob@example.org").id == two[0].id)
        #expect(try await accounts.find("BOB@example.org").id == two[1].id)
        do throws(any Error) {
            _ = try await accounts.find("Bob@Example.org")
            Issue.record("one of two people was taken")
        } catch AdminError.accountAmbiguous(let found) {
            #expect(found.count == 2)
            #expect(two.allSatisfy { account in found.contains { $0.hasSuffix("id \(account.idText)") } })
        }
    }
}
