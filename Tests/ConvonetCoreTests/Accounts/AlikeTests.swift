import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@testable import ConvonetCore

/// People whose names sound or are typed like what nobody has.
@Suite(.dropsDatabases) struct AlikeTests {
    /// The people of these tests among made-up ones.
    private func database(isIndexed: Bool = true) async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        let people = [
            ("a1", "Anton", "Maier"), ("a2", "Berta", "Mayr"), ("a3", "Clara", "Müller"), ("a4", "John", "Qvist"),
            ("a5", "Joan", "Qvist"),
            ("a6", "Catherine", "Zed"), ("a7", "Pat", "O’Connor"), ("a8", "花子", "田中"), ("a9", "תמרה", "כהנוביץ"),
            ("b1", "Under_score", "X%y"),
            ("b2", "Johnathan", "Zed"), ("b3", "Smith", "Quentin"),
        ]
        let rows = people.map {
            "(gen_random_uuid(), '\($0)@alike.test', '\($0)', '!', '\($1)', '\($2)', NULL, '\($0)' <> 'a2', true, now(), now())"
        }
        try await database.sql("INSERT INTO users_convonet VALUES \(rows.joined(separator: ", "))")
        if isIndexed { try await SearchIndex(try database.pool()).build { _, _, _ in } }
        return database
    }

    private func alike(_ text: String, _ directory: AccountDirectory, filters: [AccountSelection.Filter] = [])
        async throws -> [String]
    {
        var selection = AccountSelection(text: text, filters: filters)
        selection.isAlike = true
        return try await directory.page(of: selection, limit: 50).accounts.map(\.username)
    }

    @Test func theSearchItselfFindsWhatDiffersInAccentsAndApostrophes() async throws {
        let directory = try await database().session(.viewer).accounts
        for (text, username) in [
            ("Muller alike", "a3"), ("Müller alike", "a3"), ("O'Connor alike.test", "a7"),
            ("O’Connor alike.test", "a7"),
        ] {
            let found = try await directory.page(of: AccountSelection(text: text), limit: 50).accounts
            #expect(found.map(\.username) == [username], "\(text)")
        }
    }

    @Test func namesThatSoundOrAreTypedAlikeAreFound() async throws {
        let directory = try await database().session(.viewer).accounts
        for text in ["Meyer", "Meier", "MEYER", "Mayer"] {
            #expect(try await alike(text, directory) == ["a1", "a2"], "\(text)")
        }
        #expect(try await alike("Maier", directory) == ["a2"])
        #expect(try await alike("Mueller", directory) == ["a3"])
        #expect(try await alike("Mülller", directory) == ["a3"])
        #expect(try await alike("Katherine", directory) == ["a6"])
        #expect(try await alike("Qwist", directory) == ["a4", "a5"])
        #expect(try await alike("Clra", directory) == ["a3"])
        #expect(try await alike("תמארה", directory) == ["a9"])
        #expect(try await alike("OConnor", directory).contains("a7"))
        #expect(try await alike("Undr_score", directory) == ["b1"])
    }

    /// A swapped letter is likelier than another, and a whole name than the beginning of one.
    @Test func theMostAlikeComeFirst() async throws {
        let directory = try await database().session(.viewer).accounts
        #expect(try await alike("Jhon", directory) == ["a4"])
        #expect(try await alike("Johm", directory) == ["a4"])
        #expect(try await alike("Jonh Qvist", directory) == ["a4"])
        #expect(try await alike("Johnaten", directory) == [])
        #expect(try await alike("Jhonathan", directory).first == "b2")
    }

    @Test func ofSeveralWordsEachMayBeAlikeAndAllCount() async throws {
        let directory = try await database().session(.viewer).accounts
        #expect(try await alike("anton meyer", directory) == ["a1"])
        #expect(try await alike("antno meyer", directory) == ["a1"])
        #expect(try await alike("berta maier", directory) == ["a2"])
        #expect(try await alike("clara maier", directory) == [])
        #expect(try await alike("meyer alike.test", directory) == ["a1", "a2"])
        #expect(try await alike("meyer al", directory) == [])
        #expect(try await alike("meyer a1", directory) == ["a1"])
        #expect(try await alike("a b c d e meyer", directory) == [])
    }

    @Test func theFiltersHoldToo() async throws {
        let directory = try await database().session(.viewer).accounts
        #expect(try await alike("meyer", directory, filters: [.inactive]) == ["a2"])
        #expect(try await alike("meyer", directory, filters: [.external, .noPIN]) == ["a1", "a2"])
        #expect(try await alike("meyer", directory, filters: [.frozen]) == [])
    }

    @Test(arguments: [
        "田仲", "花予", "花", "12345", "%", "%%%", "___", "'''", "\\\\\\", "a%b", "\u{1F600}", "",
        "'; DROP TABLE users_convonet; --", "meyer\0",
        String(repeating: "meyer", count: 2000), String(repeating: "m e ", count: 500),
    ])
    func nothingAbsurdIsOfferedAndNothingBreaks(text: String) async throws {
        let directory = try await database().session(.viewer).accounts
        let found = try await alike(text, directory)
        #expect(found == (text == "meyer\0" ? ["a1", "a2"] : []), "\(text)")
    }

    /// It would read the whole table for each spelling.
    @Test func withoutTheSearchIndexNobodyIsAlike() async throws {
        let directory = try await database(isIndexed: false).session(.viewer).accounts
        #expect(!directory.hasSearchIndex)
        #expect(try await alike("meyer", directory) == [])
    }

    /// A command needs the one whom it names.
    @Test func nobodyWhoIsOnlyAlikeIsTakenForSomebody() async throws {
        let directory = try await database().session(.viewer).accounts
        for key in ["meyer", "a11", "a1@alike.tset", "a1@alik.test"] {
            await #expect(throws: AdminError.accountUnknown(key)) { try await directory.find(key) }
        }
    }

    /// They are one page, however it is asked for, and there are not more than help.
    @Test func theyAreOnePage() async throws {
        let database = try await database()
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT gen_random_uuid(), concat('m', i, '@many.test'), concat('m', i),
                '!', 'Xaver', 'Zimmermann', NULL, true, true, now(), now()
            FROM generate_series(1, 3000) AS i
            """)
        let directory = try await database.session(.viewer).accounts
        var selection = AccountSelection(text: "Zmmrmann")
        selection.isAlike = true
        #expect(try await directory.page(of: selection, limit: 50).accounts == [])
        selection.text = "Zimmremann"
        let page = try await directory.page(of: selection, limit: 50)
        #expect(page.accounts.count == AccountDirectory.mostAlike && !page.hasMore)
        #expect(try await directory.page(of: selection, after: page.accounts[3], including: true, limit: 50) == page)
        #expect(try await directory.page(of: selection, before: page.accounts[3], limit: 50).accounts == [])
        #expect(try await directory.count(of: selection, most: 100) == AccountDirectory.mostAlike)
        #expect(try await directory.page(of: selection, limit: 2).accounts == Array(page.accounts.prefix(2)))
    }

    /// Another key ends it, at the server too.
    @Test func itIsCancelledLikeAnySearch() async throws {
        let database = try await database()
        let directory = try await database.session(.viewer).accounts
        let lock = try await PostgresConnection.open(
            try ConnectionParameters(database.connectionString(), applicationName: "lock", environment: [:]))
        try await lock.run(script: "BEGIN; LOCK TABLE users_convonet IN ACCESS EXCLUSIVE MODE;", limit: .seconds(10))
        var selection = AccountSelection(text: "meyer")
        selection.isAlike = true
        let task = Task { [selection] in try await directory.page(of: selection, limit: 50) }
        task.cancel()
        await #expect(throws: AdminError.database(.cancelled)) { try await task.value }
        // Nobody who waits for the table's lock waits longer for people who are only alike.
        #expect(try await directory.page(of: selection, limit: 50).accounts == [])
        try await lock.run(script: "ROLLBACK", limit: .seconds(10))
        #expect(try await alike("meyer", directory) == ["a1", "a2"])
    }
}
