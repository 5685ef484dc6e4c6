import TestDatabase
import Testing

/// What changes by itself, and ways to somebody beside the arrows: back and forward, typed commands, the mouse.
@Suite(.dropsDatabases) struct WaysEndToEndTests {
    private func selectedRow(_ screen: String) -> Substring? {
        screen.split(separator: "\n").first { $0.hasPrefix(">") }
    }

    private func username(at place: Int, _ database: TestDatabase) async throws -> String {
        try await database.sql("SELECT username FROM users_convonet ORDER BY email OFFSET \(place) LIMIT 1")
    }

    /// Somebody renames the selected person and puts another before them. Where it is told line by line, nothing is asked meanwhile.
    @Test func whatSomebodyElseChangesIsSeenWithoutAKey() async throws {
        let database = try await TestDatabase.make()
        let username = try await username(at: 2, database)
        let lines = try TerminalSession(database: database.connectionString(.secondOperator), arguments: "--linear")
        try await lines.wait(for: "200 in the list.")
        let terminal = try TerminalSession(database: database.connectionString(.operator), columns: 100)
        try await terminal.wait(for: "1 of 200")
        try terminal.press("Down", "Down")
        try await terminal.wait(for: "3 of 200")
        let asked = "usename = 'test_operator_two' AND state_change > clock_timestamp() - interval '2 s'"
        try await eventually("the other console has settled") { try await database.sessions(where: asked) == 0 }
        let since = try await database.sql(
            """
            UPDATE users_convonet SET last_name = 'Zweigler' WHERE username = '\(username)';
            INSERT INTO users_convonet SELECT gen_random_uuid(), '000@example.org', 'first-of-all', '$2b$12$x', 'A', 'A', NULL,
                true, true, now(), now(), NULL;
            SELECT clock_timestamp()
            """)
        let screen = try await terminal.wait("the new name and place") {
            selectedRow($0)?.contains("Zweigler") == true && $0.contains("4 of 201")
        }
        #expect(selectedRow(screen)?.contains(username) == true && !screen.contains("as of"))
        #expect(
            try await database.sessions(where: "usename = 'test_operator_two' AND state_change > '\(since)'") == 0)
        #expect(try await database.sessions(where: "usename = 'test_operator_two'") > 0)
    }

    @Test func ctrlOGoesBackAndTabForward() async throws {
        let database = try await TestDatabase.make()
        let (first, second) = (try await username(at: 0, database), try await username(at: 1, database))
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try terminal.press("Enter")
        try await terminal.wait(for: "@\(first)")
        try await terminal.press("]", until: "@\(second)")
        try terminal.press("C-o")
        try await terminal.wait(for: "@\(first)")
        try terminal.press("C-o")
        try await terminal.wait(for: "of 200")
        try terminal.press("C-o")
        try await terminal.wait(for: "You have seen no other screen before this.")
        try terminal.press("Tab", "Tab")
        try await terminal.wait(for: "@\(second)")
        try terminal.press("Tab")
        try await terminal.wait(for: "There is no screen to go forward to.")
    }

    @Test func aCommandIsTypedBehindTheColon() async throws {
        let database = try await TestDatabase.make()
        let username = try await username(at: 7, database)
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        // Half of one, which Tab completes.
        try terminal.type(":hist")
        try await terminal.wait(for: "Tab: history ACCOUNT")
        try terminal.press("Tab")
        try await terminal.wait(for: "history of this account, for the person shown")
        // Nobody, which is said in the line with the next step.
        try terminal.type("nobody-at-all", "Enter")
        let said = try await terminal.wait("what is wrong") { $0.contains("nobody-at-all”") && $0.contains(":search") }
        #expect(!said.contains("convonet-admin search"))
        try terminal.press("C-u")
        try terminal.type("pin \(username)", "Enter")
        try await terminal.wait("the dialog") { $0.contains("Reset voice PIN") && $0.contains(username) }
        try await terminal.press("Escape", until: "@\(username)")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event") == "0")
    }

    @Test func aClickSelectsAndTheWheelScrolls() async throws {
        let database = try await TestDatabase.make()
        let username = try await username(at: 4, database)
        let terminal = try TerminalSession(
            database: database.connectionString(.operator), columns: 100, delay: 0,
            settings: "[console]\nmouse = true\n")
        let screen = try await terminal.wait(for: "1 of 200")
        #expect(try terminal.state("#{mouse_any_flag} #{mouse_sgr_flag}") == "1 1")
        let row = try #require(
            screen.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(username) })
        try terminal.type("\u{1B}[<0;5;\(row + 1)M\u{1B}[<0;5;\(row + 1)m")
        let clicked = try await terminal.wait(for: "5 of 200")
        #expect(selectedRow(clicked)?.contains(username) == true)
        try terminal.type("\u{1B}[<65;5;5M")
        try await terminal.wait(for: "8 of 200")
        try terminal.type("\u{1B}[<64;5;5M\u{1B}[<64;5;5M")
        try await terminal.wait(for: "2 of 200")
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
        try terminal.expectGivenBack()
    }

    @Test func withoutTheSettingTheMouseIsNotMentioned() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator), delay: 0)
        try await terminal.wait(for: "1 of 200")
        // Another program's terminal may go on telling of it.
        try terminal.type("\u{1B}[<0;5;9M")
        try terminal.press("Down")
        try await terminal.wait(for: "2 of 200")
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
        let sent = terminal.sent()
        #expect(sent.contains("1 of 200"))
        for mode in ["1000", "1002", "1003", "1005", "1006", "1015"] { #expect(!sent.contains("\u{1B}[?\(mode)")) }
    }
}
