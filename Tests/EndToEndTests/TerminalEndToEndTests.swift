import Glibc
import TestDatabase
import Testing

/// What the terminal goes through, and how it is given back.
@Suite(.dropsDatabases) struct TerminalEndToEndTests {
    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGSEGV])
    func theTerminalIsGivenBackAfterASignal(_ signal: Int32) async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "q quit")
        kill(try terminal.processID(), signal)
        // A crash is the kernel's own; what asks the program to end shows in its exit code.
        #expect(try await terminal.status() == 128 + Int(signal))
        try terminal.expectGivenBack()
    }

    @Test func itFollowsEverySizeAndKeepsThePerson() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try terminal.press("Down", "Down", "Down")
        let screen = try await terminal.wait(for: "4 of 200")
        let row = try #require(screen.split(separator: "\n").first { $0.hasPrefix(">") })
        let name = try #require(row.dropFirst(2).split(separator: " ").first)
        for (columns, rows, text) in [
            (40, 10, "4 of 200"), (30, 8, "too small"), (120, 40, "4 of 200"), (12, 3, "The window"),
            (80, 24, "4 of 200"),
        ] {
            try terminal.resize(columns, rows)
            try await terminal.wait("\(text) at \(columns)x\(rows)") { screen in
                screen.contains(text)
                    && (columns < 40
                        || screen.split(separator: "\n").contains { $0.hasPrefix(">") && $0.contains(name) })
            }
        }
        try terminal.type("v")
        try await terminal.wait(for: "Type yes")
        try terminal.resize(40, 10)
        try await terminal.wait("the person in a small dialog") { $0.contains("Reset voice PIN") && $0.contains(name) }
    }

    @Test func escapeNeedsNoKeyBehindIt() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try terminal.type("/zzz")
        try await terminal.wait(for: "Nobody matches")
        try terminal.press("Escape")
        try await terminal.wait(for: "1 of 200")
    }

    @Test func itWorksWithoutColours() async throws {
        let database = try await TestDatabase.make()
        for environment in [["NO_COLOR": "1"], ["TERM": "vt100"]] {
            let terminal = try TerminalSession(database: database.connectionString(.operator), environment: environment)
            try await terminal.wait(for: "1 of 200")
            #expect(try terminal.screen().contains("\n> "))
            let colour = try terminal.screenWithStyles().firstRange(
                of: /\u{1B}\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7])[0-9;]*m/)
            #expect(colour == nil)
            try terminal.type("q")
            #expect(try await terminal.status() == 0)
            // A vt100 has no other screen to come back from.
            try terminal.expectGivenBack(withScreen: environment["TERM"] == nil)
        }
    }

    @Test(arguments: ["dumb", "no-such-terminal", ""])
    func aTerminalThatCannotShowAScreenIsAnError(_ type: String) async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator), environment: ["TERM": type])
        #expect(try await terminal.status() == 78)
        #expect(try terminal.screen().contains("TERM"))
        try terminal.expectGivenBack()
        // Before the demo's server is started, too.
        let demo = try TerminalSession(database: "", environment: ["TERM": type], command: "demo")
        #expect(try await demo.status() == 78)
        #expect(try demo.screen().contains("TERM"))
    }

    @Test func namesOfEveryKindStayInTheirRow() async throws {
        let database = try await TestDatabase.make(.migrated)
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT gen_random_uuid(), e, u, '$2b$12$x', f, l, NULL, true, true, now(), now(), NULL
            FROM (VALUES
                ('000a@example.org', 'spoof-a', E'Anna\\r> Root', E'Berg\\nSecond'),
                ('000b@example.org', 'spoof-b', E'\\x1b[2J\\x1b]0;x\\x07Red', E'\\u202EtooR'),
                ('000c@example.org', 'wide-c', '山田', '太郎'),
                ('000d@example.org', 'joined-d', E'👩\\u200D👩', 'Family')) AS t(e, u, f, l)
            """)
        let terminal = try TerminalSession(database: database.connectionString(.operator), columns: 100)
        let screen = try await terminal.wait(for: "1 of 204")
        let rows = screen.split(separator: "\n").map(String.init)
        #expect(rows.count { $0.hasPrefix(">") } == 1)
        for (mark, username) in [("Anna^M> Root", "spoof-a"), ("^[[2J^[]0;x", "spoof-b"), ("山田 太郎", "wide-c")] {
            #expect(rows.contains { $0.contains(mark) && $0.contains(username) })
        }
        #expect(rows.contains { $0.contains("<U+200D>") && $0.contains("joined-d") })
        // A wide name takes two columns a character, and what is right of it stands where it stands in every row.
        let wide = try #require(rows.first { $0.contains("wide-c") })
        let title = try #require(rows.first { $0.contains("E-mail") })
        let before = try #require(wide.firstRange(of: "000c@")).lowerBound
        let wideColumns = wide[..<before].unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
        #expect(title[..<(try #require(title.firstRange(of: "E-mail")).lowerBound)].count == wideColumns)
        try terminal.press("Enter")
        try await terminal.wait(for: "Anna^M> Root Berg^JSecond")
    }

    @Test func itIsSuspendedAndGoesOnWhereItWas() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(
            database: database.connectionString(.operator), settings: "[environment]\nname = \"test ]2;me\"\n",
            hasShell: true)
        try await terminal.wait(for: "1 of 200")
        let title = "convonet-admin (test ]2;me)"
        try await terminal.wait("the title") { _ in try terminal.state("#{pane_title}") == title }
        try terminal.press("Down", "Down")
        try await terminal.wait(for: "3 of 200")
        try terminal.press("C-z")
        try await terminal.wait("the shell's screen") { $0.contains("STOPPED") && $0.contains("BEFORE") }
        #expect(try terminal.state("#{alternate_on}") == "0")
        let before = try terminal.state("#{pane_title}")
        #expect(before == (try terminal.state("#{host}")))
        try terminal.resume()
        try await terminal.wait(for: "3 of 200")
        try await terminal.wait("the title") { _ in try terminal.state("#{pane_title}") == title }
        try terminal.press("Down")
        try await terminal.wait(for: "4 of 200")
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
        try terminal.expectGivenBack()
        #expect(try terminal.state("#{pane_title}") == before)
    }

    @Test func suspendingCanBeForbidden() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(
            database: database.connectionString(.operator),
            settings: "[console]\nallow_suspend = false\nwindow_title = false\n",
            hasShell: true)
        try await terminal.wait(for: "1 of 200")
        try terminal.press("C-z")
        try await terminal.wait(for: "Suspending is turned off.")
        #expect(try terminal.state("#{pane_title}") == terminal.state("#{host}"))
        try terminal.press("Down")
        try await terminal.wait(for: "2 of 200")
    }
}
