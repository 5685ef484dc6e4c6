import ConvonetCore
import TestDatabase
import Testing

/// Finding people, and one's way: filters, sorts, the palette, copying, the person, the log.
@Suite struct FindingEndToEndTests {
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
        try await terminal.wait("the last action") { $0.contains("> quit") }
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
        try await terminal.wait(for: "Search the log")
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
