import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct FindAllTests {
    private func outcome(_ find: () async throws -> Account) async -> String {
        do { return try await find().idText } catch { return "\(error)" }
    }

    @Test func eachIsFoundAsAloneAndRefusedAsAlone() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(7)
        // One person's username is another's address, and two differ by the case of letters alone.
        try await database.sql(
            """
            UPDATE users_convonet SET username = '\(people[4].email)' WHERE id = '\(people[3].idText)';
            UPDATE users_convonet SET email = 'Sam@example.org' WHERE id = '\(people[5].idText)';
            UPDATE users_convonet SET email = 'sam@example.org' WHERE id = '\(people[6].idText)'
            """)
        let keys = [
            people[0].email, people[1].username, people[2].idText.uppercased(), people[0].email.uppercased(),
            "  \(people[1].email) ", people[4].email, "Sam@example.org", "sam@example.org", "SAM@example.org",
            "nobody@example.org", "", "\u{200B}", UUID().uuidString, "o'brien\\x", people[3].idText,
        ]
        let found = try await desk.accounts.find(all: keys)
        for (key, result) in zip(keys, found) {
            let alone = await outcome { try await desk.accounts.find(key) }
            let among = await outcome { try result.get() }
            #expect(key.isEmpty || key == "\u{200B}" || among == alone, "\(key)")
        }
        #expect(try found[0].get() == people[0])
        #expect(throws: AdminError.self) { try found[5].get() }
        #expect(throws: AdminError.self) { try found[8].get() }
        #expect(throws: AdminError.accountUnknown("")) { try found[10].get() }
    }

    @Test func manyTakeFewRequests() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(100, where: { _ in true })
        let keys = (0..<2500).map { people[$0 % 100].email } + (0..<2500).map { "nobody\($0)@example.org" }
        var steps: [Int] = []
        let found = try await desk.accounts.find(all: keys) { steps.append($0) }
        #expect(steps == [1000, 2000, 3000, 4000, 5000])
        #expect(found.count == 5000)
        #expect(
            try found.prefix(2500).enumerated().allSatisfy { try $0.element.get().id == people[$0.offset % 100].id })
        #expect(found.dropFirst(2500).allSatisfy { if case .failure(.accountUnknown) = $0 { true } else { false } })
    }
}
