import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct DirectoryTests {
    private static let orders = AccountOrder.Column.allCases.flatMap {
        [AccountOrder($0), AccountOrder($0, descending: true)]
    }

    @Test(arguments: orders) func everybodyIsVisitedOnceBothWays(order: AccountOrder) async throws {
        let database = try await TestDatabase.make()
        // Equal keys and none at all, across the borders of pages.
        try await database.sql(
            """
            UPDATE users_convonet SET last_name = 'Same', first_name = 'Name' WHERE username ~ '[0-4]$';
            UPDATE users_convonet SET created_at = '2024-01-01', updated_at = '2024-02-02', last_login_at = NULL WHERE username ~ '[3-7]$';
            """)
        let directory = try await database.session(.viewer).accounts
        let selection = AccountSelection(order: order)
        var forwards: [Account] = []
        repeat {
            let page = try await directory.page(of: selection, after: forwards.last, limit: 7)
            forwards += page.accounts
            #expect(page.hasMore == (forwards.count < 200))
        } while forwards.count < 200 && forwards.count % 7 == 0
        #expect(forwards.count == 200 && Set(forwards.map(\.id)).count == 200)
        var backwards: [Account] = []
        while backwards.count < 200 {
            let page = try await directory.page(of: selection, before: backwards.first, limit: 9)
            try #require(!page.accounts.isEmpty)
            backwards = page.accounts + backwards
            #expect(page.hasMore == (backwards.count < 200))
        }
        #expect(backwards.map(\.id) == forwards.map(\.id))
        if order.column == .login {
            let noLogin = forwards.map { $0.lastLoginAt == nil }
            #expect(noLogin == noLogin.sorted { order.descending ? !$0 && $1 : $0 && !$1 })
        }
    }

    /// Everybody from the first page to the last.
    private func walk(_ directory: AccountDirectory, _ order: AccountOrder) async throws -> [Account] {
        var people: [Account] = []
        while true {
            let page = try await directory.page(of: AccountSelection(order: order), after: people.last, limit: 7)
            people += page.accounts
            guard page.hasMore, people.count < 1000 else { return people }
        }
    }

    /// The application let go of its NOT NULL.
    @Test(arguments: orders) func whoLacksSomethingIsStillThere(order: AccountOrder) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            ALTER TABLE users_convonet ALTER first_name DROP NOT NULL, ALTER last_name DROP NOT NULL, ALTER email DROP NOT NULL,
                ALTER username DROP NOT NULL, ALTER is_verified DROP NOT NULL, ALTER updated_at DROP NOT NULL;
            UPDATE users_convonet SET first_name = NULL, last_name = NULL, is_verified = NULL, updated_at = NULL
                WHERE username ~ '1$';
            UPDATE users_convonet SET email = NULL WHERE id = (SELECT max(id::text)::uuid FROM users_convonet);
            UPDATE users_convonet SET username = NULL WHERE id = (SELECT min(id::text)::uuid FROM users_convonet);
            """)
        let directory = try await database.session(.viewer).accounts
        let people = try await walk(directory, order)
        #expect(people.count == 200 && Set(people.map(\.id)).count == 200)
        let nameless = try #require(people.first { $0.fullName.isEmpty && !$0.username.isEmpty })
        #expect(try await directory.find(nameless.idText).id == nameless.id)
        #expect(try await directory.dossier(of: nameless.id).account.get()?.isVerified == false)
    }

    /// Times without a zone mean what the session's zone makes of them.
    @Test(arguments: ["Asia/Kolkata", "America/St_Johns"]) func timesWithoutAZoneLeaveNobodyOut(zone: String)
        async throws
    {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            """
            ALTER TABLE users_convonet ALTER created_at TYPE timestamp, ALTER updated_at TYPE timestamp, ALTER last_login_at TYPE timestamp;
            UPDATE users_convonet SET created_at = '2024-01-01'::timestamp + row * interval '7 minutes'
                FROM (SELECT id AS one, row_number() OVER (ORDER BY id) AS row FROM users_convonet) AS numbered WHERE id = one;
            ALTER DATABASE \(database.name) SET TimeZone = '\(zone)';
            """)
        _ = try await Migrator(try database.pool()).migrate(MigrationRequest(withoutRoles: true))
        let directory = try await database.session(.owner).accounts
        for order in Self.orders {
            let people = try await walk(directory, order)
            #expect(people.count == 200 && Set(people.map(\.id)).count == 200, "\(order)")
        }
    }

    @Test func aPageThatDoesNotAdvanceIsAnError() async throws {
        let directory = try await TestDatabase.make().session(.viewer).accounts
        let first = try await directory.page(of: AccountSelection(order: AccountOrder(.created)), limit: 5).accounts
        var last = try #require(first.last)
        last.createdAt = Timestamp(microseconds: last.createdAt.microseconds - 9 * 3_600_000_000)
        #expect(throws: AdminError.self) {
            try AccountDirectory.check(first, follow: last, by: AccountOrder(.created, descending: true))
        }
        #expect(throws: AdminError.self) {
            try AccountDirectory.check(first, follow: first[2], by: AccountOrder(.email))
        }
        #expect(throws: Never.self) {
            try AccountDirectory.check(Array(first[3...]), follow: first[2], by: AccountOrder(.created))
        }
    }

    @Test(arguments: [
        ([AccountSelection.Filter.inactive], "NOT is_active"), ([.unverified], "NOT is_verified"),
        ([.noPIN], "voice_pin IS NULL"),
        ([.external], "password_hash = 'FRONTEGG_SSO_USER'"), ([.neverSignedIn], "last_login_at IS NULL"),
        ([.noPIN, .neverSignedIn, .unverified], "voice_pin IS NULL AND last_login_at IS NULL AND NOT is_verified"),
    ])
    func filtersLimitTheList(filters: [AccountSelection.Filter], condition: String) async throws {
        let database = try await TestDatabase.make()
        let found = try await database.session(.viewer).accounts.page(
            of: AccountSelection(filters: filters), limit: 200
        ).accounts
        #expect(
            String(found.count) == (try await database.sql("SELECT count(*) FROM users_convonet WHERE \(condition)")))
    }

    private func database() async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT gen_random_uuid(), e, u, '!', f, l, NULL, true, true, now(), now() FROM (VALUES
                ('percent@example.com', 'hundred%sure', 'Under_score', 'Back\\slash'), ('plain@example.com', 'hundredxsure', 'Underxscore', 'Backslash'),
                ('Mixed.Case@Example.com', 'MixedCase', 'ÅSA', 'ŽELEŃSKA'), ('zz@example.com', 'aa@example.com', 'Two', 'Faces'),
                ('aa@example.com', 'zz', 'Other', 'Faces'), ('a.an.zz@example.com', 'zz-more', 'Zz', 'Zz')) v (e, u, f, l)
            """)
        return database
    }

    @Test func wordsMustAllMatchAndStandForThemselves() async throws {
        let directory = try await database().session(.viewer).accounts
        func names(_ text: String) async throws -> [String] {
            try await directory.page(of: AccountSelection(text: text), limit: 50).accounts.map(\.username)
        }
        #expect(try await names("hundred%sure") == ["hundred%sure"])
        #expect(try await names("under_score") == ["hundred%sure"])
        #expect(try await names("k\\s") == ["hundred%sure"])
        #expect(try await names("  FACES \t two ") == ["aa@example.com"])
        #expect(try await names("åsa żele") == ["MixedCase"])
        #expect(try await names("åsa žeLEń") == ["MixedCase"])
        #expect(try await names("faces nothing") == [])
        #expect(try await names("'; DROP TABLE users_convonet; --").isEmpty)
        // Whoever it names exactly comes first, and once.
        #expect(try await names("zz").first == "zz")
        #expect(try await names("zz").filter { $0 == "zz" }.count == 1)
        #expect(try await names("zz").contains("zz-more"))
    }

    @Test func findTakesEachKindOfKey() async throws {
        let directory = try await database().session(.viewer).accounts
        let person = try await directory.find("plain@example.com")
        for key in [
            "hundredxsure", "HUNDREDXSURE", "PLAIN@example.com", " plain@example.com ", person.idText,
            person.id.uuidString,
        ] {
            #expect(try await directory.find(key).id == person.id, "\(key)")
        }
        for key in ["Mixed.Case@Example.com", "mixed.case@example.com", "MIXEDCASE", "mixedcase"] {
            #expect(try await directory.find(key).username == "MixedCase", "\(key)")
        }
        for key in ["nobody@example.com", "", "%", "hundred_sure", UUID().uuidString] {
            await #expect(throws: AdminError.accountUnknown(key)) { try await directory.find(key) }
        }
        do throws(any Error) {
            _ = try await directory.find("aa@example.com")
            Issue.record("one of two people was taken")
        } catch AdminError.accountAmbiguous(let people) {
            #expect(people.count == 2)
            #expect(
                ["aa@example.com", "zz"].allSatisfy { name in people.contains { $0.contains("username \(name),") } })
        }
    }

    @Test func whereCaseTellsTwoApartItMatters() async throws {
        let database = try await database()
        try await database.sql(
            "INSERT INTO users_convonet SELECT gen_random_uuid(), 'PLAIN@example.com', 'upper', '!', '', '', NULL, true, true, now(), now()"
        )
        let directory = try await database.session(.viewer).accounts
        #expect(try await directory.find("PLAIN@example.com").username == "upper")
        #expect(try await directory.find("plain@example.com").username == "hundredxsure")
    }
}
