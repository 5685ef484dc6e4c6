import ConvonetCore
import ConvonetDatabase
import SchemaMaintenance
import TestDatabase
import Testing

/// Names that the application lets be NULL, and columns whose collation knows no LIKE.
@Suite(.dropsDatabases) struct OddNamesTests {
    private static let columns = ["first_name", "last_name", "username", "email"]

    @Test(arguments: columns, [false, true])
    func whoHasANullIsFoundAllTheSame(column: String, isIndexed: Bool) async throws {
        let database = try await TestDatabase.quick()
        if isIndexed { try await SearchIndex(try database.pool()).build { _, _, _ in } }
        let person = try await database.session().person()
        try await database.sql(
            """
            ALTER TABLE users_convonet ALTER COLUMN \(column) DROP NOT NULL;
            UPDATE users_convonet SET \(column) = NULL WHERE id = '\(person.idText)'
            """)
        let desk = try await database.session()
        let word = column == "last_name" ? person.firstName : person.lastName
        for text in [word, String(word.prefix(1))] {
            let found = try await desk.accounts.page(of: AccountSelection(text: text), limit: 200).accounts
            #expect(found.contains { $0.id == person.id }, "\(text)")
        }
        if isIndexed {
            let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
            #expect(found.contains { $0.check == "search" && $0.message.contains("may be NULL") })
            // Followed, its advice ends in a clean run, and the index serves again.
            try await database.sql(
                """
                UPDATE users_convonet SET \(column) = 'somebody' WHERE \(column) IS NULL;
                ALTER TABLE users_convonet ALTER COLUMN \(column) SET NOT NULL
                """)
            let again = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
            #expect(again.contains { $0.check == "search" && $0.grade == .ok })
            #expect(try await database.session().accounts.hasSearchIndex)
        }
    }

    @Test(arguments: ["last_name", "first_name, ALTER COLUMN last_name", "email", "username"])
    func aNondeterministicCollationHindersNoSearch(columns: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            CREATE COLLATION public.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            GRANT USAGE ON SCHEMA public TO PUBLIC
            """)
        let migrator = Migrator(try database.pool())
        try await migrator.detach()
        let type = "TYPE text COLLATE public.any_case"
        try await database.sql(
            "ALTER TABLE users_convonet ALTER COLUMN \(columns.replacing(",", with: " \(type),")) \(type)")
        _ = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql(
            "UPDATE users_convonet SET first_name = 'José', last_name = '陈Ünal' WHERE id = '\(person.idText)'")
        for text in ["jose", "ünal", "JOSÉ unal", person.email, String(person.username.prefix(4)), "j"] {
            let found = try await desk.accounts.page(of: AccountSelection(text: text), limit: 200).accounts
            #expect(found.contains { $0.id == person.id }, "\(text)")
        }
        #expect(try await desk.accounts.find(person.email).id == person.id)
        let now = try #require(try await desk.accounts.account(id: person.id))
        #expect(try await desk.changes.perform(AccountChange(account: now, action: .issuePIN)).outcome == .done)
    }
}
