import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import SearchText
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct SearchTests {
    /// A database with people for these tests, with the search index or without.
    private func database(isIndexed: Bool) async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT i::uuid, e, u, '!', f, l, NULL, i <> '5b1f0000-0000-4000-8000-00000000000b', true, now(), now()
            FROM (VALUES
                ('5b1f0000-0000-4000-8000-00000000000a', 'first@search.test', 'one', 'José', 'García'),
                ('5b1f0000-0000-4000-8000-00000000000b', 'second@search.test', 'two', 'Jose', 'Garcia'),
                ('cafe0000-0000-4000-8000-00000000000c', 'third@search.test', 'three', 'ŽELEŃSKA', 'Ольга'),
                ('beef0000-0000-4000-8000-00000000000d', 'fourth@search.test', 'four', '林', '美玲'),
                ('beef0000-0000-4000-8000-00000000000e', 'fifth@search.test', 'five', '하은 지우', 'Qzqz Xyx'),
                ('abcd0000-0000-4000-8000-00000000000f', 'cafe@search.test', 'six', 'Xy O’Neil', 'Aqz')) v (i, e, u, f, l)
            """)
        if isIndexed { try await SearchIndex(try database.pool()).build { _, _, _ in } }
        return database
    }

    private func usernames(_ text: String, _ directory: AccountDirectory) async throws -> [String] {
        try await directory.page(of: AccountSelection(text: text + " search.test"), limit: 50).accounts.map(\.username)
    }

    @Test(arguments: [false, true]) func searchForgives(isIndexed: Bool) async throws {
        let directory = try await database(isIndexed: isIndexed).session(.viewer).accounts
        #expect(directory.hasSearchIndex == isIndexed)
        for text in ["jose", "JOSÉ", "garcia jose", "rcí", "Jose\u{301}"] {
            #expect(try await usernames(text, directory) == ["one", "two"], "\(text)")
        }
        #expect(try await usernames("zelen", directory) == ["three"])
        #expect(try await usernames("ольГА", directory) == ["three"])
        #expect(try await usernames("jose ольга", directory) == [])
        #expect(try await usernames("지우", directory) == ["five"])
        #expect(try await usernames("o'neil", directory) == ["six"])
        #expect(try await usernames("ʼNEIL", directory) == ["six"])
        #expect(try await usernames("o’n", directory) == ["six"])
    }

    @Test(arguments: [false, true]) func oneOrTwoLettersMatchBeginnings(isIndexed: Bool) async throws {
        let directory = try await database(isIndexed: isIndexed).session(.viewer).accounts
        #expect(try await usernames("xy", directory) == ["six", "five"])
        #expect(try await usernames("qz", directory) == ["five"])
        #expect(try await usernames("ö", directory) == ["six", "one"])
        #expect(try await usernames("林", directory) == ["four"])
        #expect(try await usernames("美玲", directory) == ["four"])
        #expect(try await usernames("玲", directory) == [])
    }

    @Test(arguments: [false, true]) func fourDigitsBeginAnID(isIndexed: Bool) async throws {
        let directory = try await database(isIndexed: isIndexed).session(.viewer).accounts
        #expect(try await usernames("5b1f", directory) == ["one", "two"])
        #expect(try await usernames("5B1F0000-0000-4", directory) == ["one", "two"])
        #expect(try await usernames("5b1f0000000040008000-", directory) == [])
        #expect(try await usernames("5b1", directory) == [])
        #expect(try await usernames("cafe", directory) == ["six", "three"])
        #expect(try await usernames("beef0000-0000-4000-8000-00000000000e", directory) == ["five"])
    }

    /// Names of several bytes a letter, with marks of their own, in every script that people have.
    @Test(arguments: [
        "वर्मा", "अनुष्का", "চৌধুরী", "லாய்லா", "แก้วมณี", "กมลวรรณ", "ᠮᠣᠩᠭᠣᠯ", "محمد", "שָׁלוֹם", "👩‍👩‍👧‍👦👍🏽", "ﬁnch", "İstanbul",
    ])
    func everyScriptIsFound(name: String) async throws {
        let database = try await database(isIndexed: true)
        let directory = try await database.session(.viewer).accounts
        try await database.sql("UPDATE users_convonet SET first_name = '\(name)' WHERE username = 'four'")
        #expect(try await usernames(name, directory) == ["four"])
        #expect(!SearchFold.places(of: [name], in: "A \(name)").isEmpty)
    }

    /// Whatever is typed makes a statement and marks, and no letters of another alphabet are taken for an id's.
    @Test func anythingCanBeLookedFor() {
        var random = SystemRandomNumberGenerator()
        let scalars: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x80...0x36F, 0x900...0xE7F, 0xFF10...0xFF46, 0x1F466...0x1F9FF,
        ]
        for _ in 0..<3000 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 1...36, using: &random)).compactMap { _ in
                        Unicode.Scalar(
                            UInt32.random(in: scalars.randomElement(using: &random) ?? 0...0x7F, using: &random))
                    }))
            let selection = AccountSelection(text: text)
            _ = AccountPageStatement(selection: selection, limit: 50, isIndexed: true).statement
            _ = SearchFold.places(of: selection.words, in: text)
            if !text.utf8.allSatisfy({ $0 < 0x80 }) { #expect(AccountIDRange(beginning: text) == nil, "\(text)") }
        }
    }

    /// The index finds by pieces of words; who has the pieces and not the word is not shown, and hides nobody behind them.
    @Test func piecesAloneAreNoHit() async throws {
        let database = try await database(isIndexed: true)
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT gen_random_uuid(), concat('a', i, '@x.test'), concat('mama', i), '!', 'Mama', 'X', NULL, true, true, now(), now()
            FROM generate_series(1, 30) AS i;
            UPDATE users_convonet SET first_name = 'Amam' WHERE username = 'four'
            """)
        let directory = try await database.session(.viewer).accounts
        let page = try await directory.page(of: AccountSelection(text: "amam"), limit: 1)
        #expect(page.accounts.map(\.username) == ["four"] && !page.hasMore)
        #expect(try await directory.page(of: AccountSelection(text: "amamx"), limit: 1).accounts == [])
        #expect(try await directory.count(of: AccountSelection(text: "amam"), most: 100) == 1)
        let mothers = try await directory.page(of: AccountSelection(text: "mama"), limit: 20)
        #expect(mothers.accounts.count == 20 && mothers.hasMore)
    }

    /// A long word is looked up by some of its pieces.
    @Test func aLongWordIsFoundWholeOrNotAtAll() async throws {
        let database = try await database(isIndexed: true)
        let word = "wolfeschlegelstein"
        let letters = Array(word)
        let pieces = letters.indices.dropLast(2).map { String(letters[$0...$0 + 2]) }.joined(separator: "-")
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT gen_random_uuid(), concat('a', i, '@x.test'), concat(i, '\(pieces)'), '!', 'A', 'X', NULL, true, true, now(), now()
            FROM generate_series(1, 30) AS i;
            UPDATE users_convonet SET last_name = 'Wolfeschlegelsteinhausen' WHERE username = 'four'
            """)
        let directory = try await database.session(.viewer).accounts
        for text in [word, word.uppercased(), String(word.dropFirst(3)), "fo \(word)"] {
            let page = try await directory.page(of: AccountSelection(text: text), limit: 1)
            #expect(page.accounts.map(\.username) == ["four"] && !page.hasMore, "\(text)")
            #expect(try await directory.count(of: AccountSelection(text: text), most: 100) == 1)
        }
        #expect(try await directory.page(of: AccountSelection(text: word + "x"), limit: 1).accounts == [])
    }

    static let searches: [(text: String, sql: String)] = [
        ("example", "true"), ("carter", "u.last_name = 'Carter' OR u.email LIKE '%carter%'"),
        ("example.org", "u.email LIKE '%example.org%'"),
        ("sophea example.net", "u.username LIKE 'sophea%' AND u.email LIKE '%.net'"),
        ("zzznothing", "false"),
    ]

    /// Whatever plan is taken, the same people are found in the same order, both ways, and by the page.
    @Test(
        arguments: searches,
        AccountOrder.Column.allCases.flatMap { [AccountOrder($0), AccountOrder($0, descending: true)] })
    func everyPlanFindsTheSame(search: (text: String, sql: String), order: AccountOrder) async throws {
        let database = try await TestDatabase.make()
        try await SearchIndex(try database.pool()).build { _, _, _ in }
        let session = try await database.session(.viewer)
        let selection = AccountSelection(text: search.text, filters: [.unverified], order: order)
        let expected = try await database.sql(
            "SELECT count(*) FROM users_convonet u WHERE NOT is_verified AND (\(search.sql))")
        for directory in [
            session.accounts,
            AccountDirectory(
                database: session.accounts.database, rules: session.accounts.rules, indexAtStart: false,
                claims: session.accounts.claims),
        ] {
            let whole = try await directory.page(of: selection, limit: 500).accounts
            #expect(String(whole.count) == expected)
            var pages: [Account] = []
            var isMore = true
            while isMore {
                let page = try await directory.page(of: selection, after: pages.last, limit: 4)
                pages += page.accounts
                isMore = page.hasMore
            }
            #expect(pages.map(\.id) == whole.map(\.id))
            let last = try await directory.page(of: selection, before: nil, limit: 3)
            #expect(last.accounts.map(\.id) == whole.suffix(3).map(\.id))
            #expect(last.hasMore == (whole.count > 3))
        }
    }

    /// A statement that finds people by words, or one of them by another spelling, reads no table as a whole.
    @Test func searchesUseIndexes() async throws {
        let database = try await database(isIndexed: true)
        let pool = try database.pool(.viewer)
        for text in ["jose", "jose garcia", "qz", "林", "ольга", "cafe", "5b1f0000-0000"] {
            for order in [AccountOrder(), AccountOrder(.username, descending: true)] {
                let page = AccountPageStatement(
                    selection: AccountSelection(text: text, filters: [.inactive], order: order), limit: 50,
                    isIndexed: true)
                let plan = try await pool.query("EXPLAIN \(page.statement)", scans: .lastResort).map {
                    try $0.text(0)
                }
                #expect(!plan.contains { $0.contains("Seq Scan on users_convonet") }, "\(text): \(plan)")
                #expect(plan.contains { $0.contains("convonet_admin_search") }, "\(text): \(plan)")
            }
        }
    }

    @Test func findReadsNoTableForAnotherSpelling() async throws {
        let database = try await database(isIndexed: true)
        let directory = try await database.session(.viewer).accounts
        #expect(try await directory.find("FIRST@search.TEST").username == "one")
        let rows = try await database.pool(.viewer).query(
            "EXPLAIN SELECT id FROM \(directory.spelledOtherwise("ÉVE@x.test", isIndexed: true))",
            scans: .lastResort)
        #expect(try rows.contains { try $0.text(0).contains("convonet_admin_search") })
        // A session that was begun for one account asks for the index only now.
        let begun = try await AdminSession.open(
            try database.pool(.viewer), operator: TestDatabase.identity, application: "tests",
            finding: "ONE")
        #expect(begun.accounts.indexAtStart == nil)
        #expect(try await begun.accounts.isIndexed())
        #expect(try await begun.accounts.find("ONE", among: begun.candidates).username == "one")
    }
}

/// What nobody sees neither helps nor hinders.
extension SearchTests {
    @Test(arguments: [false, true])
    func joinersMakeNoDifference(isIndexed: Bool) async throws {
        let database = try await TestDatabase.make()
        if isIndexed { try await SearchIndex(try database.pool()).build { _, _, _ in } }
        let people = try await database.session(.viewer).people(3)
        let names = ["می\u{200C}خواهم", "क्\u{200D}षत्रिय", "Anne\u{AD}gret Zwölfer"]
        for (person, name) in zip(people, names) {
            try await database.sql("UPDATE users_convonet SET first_name = '\(name)' WHERE id = '\(person.idText)'")
        }
        let accounts = try await database.session(.viewer).accounts
        #expect(accounts.hasSearchIndex == isIndexed)
        for (person, typed) in [
            (people[0], "میخواهم"), (people[0], "می\u{200C}خواهم"), (people[0], "می\u{200D}خوا"), (people[1], "क्षत्रिय"),
            (people[1], "क्\u{200D}षत्"), (people[2], "annegret zwolfer"),
            (people[2], "anne\u{200B}gret \u{200E} zwö\u{AD}lfer"),
        ] {
            let found = try await accounts.page(of: AccountSelection(text: typed), limit: 5).accounts
            #expect(found.map(\.id) == [person.id], "\(typed.unicodeScalars.map { String($0.value, radix: 16) })")
        }
    }
}
