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

    /// A username that is another person's address in another case, as people copy addresses.
    @Test func aUsernameThatIsSomebodysAddressIsTakenForNeither() async throws {
        let database = try await TestDatabase.make()
        let two = try await database.session().accounts.page(of: AccountSelection(), limit: 2).accounts
        let (key, address) = ("Anna@example.org", "anna@example.org")
        try await database.sql(
            """
            UPDATE users_convonet SET email = '\(address)' WHERE id = '\(two[0].idText)';
            UPDATE users_convonet SET username = '\(key)' WHERE id = '\(two[1].idText)';
            """)
        let accounts = try await database.session().accounts
        await #expect(throws: AdminError.self) { try await accounts.find(key) }
        #expect(try await accounts.find(address).id == two[0].id)
        let many = try await accounts.find(all: [key, address])
        #expect(throws: AdminError.self) { try many[0].get() }
        #expect(try many[1].get().id == two[0].id)
        // Of somebody whose username is their own address in another case nobody else is meant.
        try await database.sql(
            "UPDATE users_convonet SET username = '\(key)2', email = 'anna@example.org2' WHERE id = '\(two[1].idText)'")
        #expect(try await accounts.find("\(key)2").id == two[1].id)
    }
}
