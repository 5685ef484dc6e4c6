import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

/// What the words of a search find in the log.
@Suite(.dropsDatabases) struct AuditSearchTests {
    private func found(_ audit: AuditLog, _ text: String, _ rest: AuditSelection = AuditSelection()) async throws
        -> [Int]
    {
        var selection = rest
        selection.text = text
        let newest = try await audit.newest(matching: selection, limit: 10).map(\.sequence)
        let oldest = try await audit.oldest(matching: selection, limit: 10).map(\.sequence)
        #expect(newest == oldest.reversed())
        #expect(try await audit.count(matching: selection, most: 100) == newest.count)
        return oldest
    }

    @Test func allWordsMustBeSomewhereInAnEvent() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.operator)
        let people = try await session.accounts.page(of: .init(), limit: 4).accounts
        let contexts = [
            ChangeContext(reason: "lost her phone", ticket: "T-101"),
            ChangeContext(reason: "José rief an", ticket: "T-102"),
            ChangeContext(reason: "50% _off\\", ticket: "4"), ChangeContext(),
        ]
        for (account, context) in zip(people, contexts) {
            _ = try await session.changes.perform(.init(account: account, action: .issuePIN, context: context))
        }
        let audit = try await database.session(.auditor).audit
        #expect(try await found(audit, "") == [1, 2, 3, 4])
        #expect(try await found(audit, " \u{200B} ") == [1, 2, 3, 4])
        #expect(try await found(audit, "t-10") == [1, 2])
        #expect(try await found(audit, "T-101") == [1])
        #expect(try await found(audit, "PHONE lost") == [1])
        #expect(try await found(audit, "phone jose") == [])
        #expect(try await found(audit, "jose") == [2])
        #expect(try await found(audit, "JOSÉ RIEF") == [2])
        // One or two letters match beginnings, as in the search for people.
        #expect(try await found(audit, "ri") == [2])
        #expect(try await found(audit, "ef") == [])
        // What means something to LIKE stands for itself.
        #expect(try await found(audit, "50% _o") == [3])
        #expect(try await found(audit, "off\\") == [3])
        #expect(try await found(audit, "t_101") == [])
        #expect(try await found(audit, "' OR true --") == [])
        // A receipt's number, whole; a ticket of that number too.
        #expect(try await found(audit, "4") == [3, 4])
        #expect(try await found(audit, "2") == [2])
        #expect(try await found(audit, "99999999999999999999") == [])
        #expect(try await found(audit, people[2].email.uppercased()) == [3])
        #expect(try await found(audit, people[3].username) == [4])
        #expect(try await found(audit, people[0].id.uuidString) == [1])
        #expect(try await found(audit, try #require(try await audit.event(.sequence(2))?.eventID).uuidString) == [2])
        #expect(try await found(audit, TestDatabase.User.operator.rawValue) == [1, 2, 3, 4])
        #expect(try await found(audit, "anna") == [1, 2, 3, 4])
        // Beside everything else that limits it.
        #expect(try await found(audit, "t-10", AuditSelection(ticket: "T-102")) == [2])
        #expect(try await found(audit, "t-10", AuditSelection(account: .id(people[0].id))) == [1])
        #expect(
            try await audit.newest(before: 2, matching: AuditSelection(text: "t-10"), limit: 5).map(\.sequence) == [1])
    }

    @Test func onlyWhoMayReadTheLogMaySearchIt() async throws {
        let database = try await TestDatabase.make()
        let audit = try await database.session(.operator).audit
        await #expect(throws: AdminError.notPermitted(.readLog)) {
            try await audit.newest(matching: AuditSelection(text: "x"), limit: 1)
        }
    }
}
