import ConvonetCore
import TestDatabase
import Testing

/// Finding people, and one's way: filters, sorts, the palette, copying, the person, the log.
@Suite(.dropsDatabases) struct FindingEndToEndTests {
    private func selectedRow(_ screen: String) -> String? {
        screen.split(separator: "\n").first { $0.hasPrefix(">") }.map(String.init)
    }

    @Test func filterSortAndClear() async throws {
        let database = try await TestDatabase.make()
        let inactive = try await database.sql("SELECT count(*) FROM users_convonet WHERE NOT is_active")
        let newest = try await database.sql(
            "SELECT username FROM users_convonet WHERE NOT is_active ORDER BY created_at DESC, id DESC LIMIT 1")
        let terminal = try TerminalSession(database: database.connectionString(.operator), columns: 120)
        try await terminal.wait(for: "1 of 200")
        try terminal.type("f")
        try await terminal.wait(for: "never signed in")
        try terminal.type(" ", "Enter")
        try await terminal.wait(for: "1 of \(inactive)")
        try terminal.type("s")
        try await terminal.wait(for: "by date created")
        try terminal.press("Down", "Down", "Down", "Space", "Enter")
        let screen = try await terminal.wait("the order") { $0.contains("[inactive ×]") && $0.contains("Created ▼") }
        try await terminal.wait("the newest on top") { selectedRow($0)?.contains(newest) == true }
        #expect(screen.contains("INACTIVE"))
        try terminal.press("Enter")
        try await terminal.wait(for: "Recent activity")
        try terminal.press("Escape")
        try await terminal.wait(for: "[inactive ×]")
        try terminal.type("c")
        try await terminal.wait("everybody") { $0.contains("All accounts") && $0.contains("200") }
    }

    @Test func thePaletteFindsAndRunsAnAction() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try terminal.type("?")
        try await terminal.wait(for: "reset or clear the voice PIN")
        try terminal.press("End")
        try await terminal.wait("the last action") { $0.contains("> back: This is the first screen.") }
        try terminal.type("sort")
        try await terminal.wait("the action that was found") { $0.contains("> sort the list") }
        try terminal.press("Enter")
        try await terminal.wait(for: "> 1 by e-mail address")
    }

    @Test func anIdentifierReachesTheClipboard() async throws {
        let database = try await TestDatabase.make()
        let username = try await database.sql("SELECT username FROM users_convonet ORDER BY email LIMIT 1")
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try terminal.type("yu")
        try terminal.press("Enter")
        try await terminal.wait(for: "Sent to your terminal's clipboard")
        #expect(try terminal.clipboard() == username)
    }

    @Test func theLogIsFilteredVerifiedAndFoundBroken() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.operator)
        let people = try await session.accounts.page(of: .init(), limit: 3).accounts
        for account in people {
            _ = try await session.changes.perform(.init(account: account, action: .issuePIN, context: .init()))
        }
        _ = try await session.changes.perform(
            .init(account: people[0], action: .clearPIN, context: .init(ticket: "T-9")))
        let terminal = try TerminalSession(database: database.connectionString(.auditor))
        try await terminal.wait(for: "1 of 200")
        try terminal.type("A")
        try await terminal.wait(for: "1 of 4")
        try terminal.press("End")
        try await terminal.wait(for: "4 of 4")
        try terminal.type("f")
        try await terminal.wait(for: "Filter the log")
        try terminal.press("Tab", "Tab", "Tab", "Right", "Right", "Right", "Enter")
        try await terminal.wait("the conflict alone") { $0.contains("Log: conflict") && $0.contains("1 of 1") }
        try terminal.press("Enter")
        try await terminal.wait(for: "T-9")
        try terminal.press("Escape")
        try await terminal.wait(for: "Log: conflict")
        try terminal.type("c")
        try await terminal.wait(for: "1 of 4")
        try terminal.type("V")
        try await terminal.wait(for: "Log verified: 4 events")
        try await database.sql(
            """
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER USER;
            UPDATE convonet_admin.audit_event SET operator = 'nobody' WHERE sequence = 3
            """)
        try terminal.type("V")
        try await terminal.wait(for: "The log is BROKEN at event 3")
        try terminal.press("Down")
        try await terminal.wait(for: "BROKEN at event 3; ")
        try terminal.type("r")
        try await terminal.wait("the title without it") { $0.contains("2 of 4") && !$0.contains("BROKEN") }
        try terminal.type("qq")
        #expect(try await terminal.status() == 0)
    }

    @Test func theLogIsSearchedAndAnEventsAccountIsOneKeyAway() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.operator)
        let people = try await session.accounts.page(of: .init(), limit: 3).accounts
        for (number, account) in people.enumerated() {
            _ = try await session.changes.perform(
                .init(account: account, action: .issuePIN, context: .init(reason: "new phone", ticket: "T-10\(number)"))
            )
        }
        let terminal = try TerminalSession(database: database.connectionString(.auditor), columns: 120, rows: 40)
        try await terminal.wait(for: "1 of 200")
        try terminal.type("A")
        try await terminal.wait(for: "1 of 3")
        try await terminal.wait("the columns of a wide log") { $0.contains("Ticket") && $0.contains("new phone") }
        try await terminal.press("/", until: "Enter open  ↑↓ choose")
        try terminal.type("t-101 phone")
        let found = try await terminal.wait("the one event") {
            $0.contains("Search t-101 phone") && $0.contains("1 of 1")
        }
        #expect(selectedRow(found)?.contains(people[1].email.prefix(12)) == true)
        try terminal.press("Tab")
        let log = try await terminal.wait(for: "o account")
        try await terminal.press("o", until: "Recent activity")
        try await terminal.wait(for: "@\(people[1].username)")
        try await terminal.press("Escape", until: "o account")
        try await terminal.wait("the log as it was") { $0 == log }
        try terminal.press("Enter")
        try await terminal.wait("both groups") {
            $0.contains("Seen by the server") && $0.contains("Claimed by the program") && $0.contains("T-101")
        }
        try await terminal.press("o", until: "Recent activity")
        try await terminal.press("Escape", until: "Claimed by the program")
        try await terminal.press("Escape", until: "o account")
        try await terminal.press("Escape", until: "2 of 3")
        // The search before, as it was typed.
        try await terminal.press("/", until: "↑ earlier")
        try await terminal.press("Up", until: "Search t-101 phone")
        try await terminal.wait(for: "1 of 1")
        try terminal.press("C-c", "C-c")
        #expect(try await terminal.status() == 0)
    }

    @Test func anOperatorSeesAnAccountsHistoryButNotTheLog() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator), columns: 120)
        try await terminal.wait(for: "1 of 200")
        try terminal.type("A")
        try await terminal.wait(for: "--grant-auditor")
        try terminal.type("a")
        try await terminal.wait(for: "Recent activity")
        try await terminal.wait(for: "accounts › ")
    }
}
