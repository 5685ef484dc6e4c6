import EmbeddedPostgres
import Glibc
import TestDatabase
import Testing

/// Find and reset, in the built program, checked as the application itself would.
@Suite(.dropsDatabases) struct ResetEndToEndTests {
    private static let oldPassword = "Convonet-demo-1"

    private static let checkpw = """
        import bcrypt, sys
        assert bcrypt.__version__ == "4.0.1", bcrypt.__version__
        print(bcrypt.checkpw(sys.argv[1].encode(), sys.argv[2].encode()))
        """

    private func signsIn(_ email: String, _ password: String, _ database: TestDatabase) async throws -> Bool {
        let python =
            getenv("CONVONET_TEST_PYTHON").map { String(cString: $0) } ?? SourceTree.root + "/.build/venv/bin/python"
        let hash = try await database.sql("SELECT password_hash FROM users_convonet WHERE email = '\(email)'")
        return try ShellCommand.run([python, "-c", Self.checkpw, password, hash]).hasPrefix("True")
    }

    private func somebody(_ database: TestDatabase) async throws -> String {
        try await database.sql(
            "SELECT email FROM users_convonet WHERE is_active AND password_hash LIKE '$2b$%' ORDER BY email LIMIT 1")
    }

    @Test func aVoicePINIsIssuedAndThePhoneLineFindsThePerson() async throws {
        let database = try await TestDatabase.make()
        let email = try await somebody(database)
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "q quit")
        try terminal.type("/" + email, "Enter")
        try await terminal.wait(for: "Recent activity")
        try terminal.type("v")
        try await terminal.wait(for: "Type yes")
        try await terminal.press("2", until: "(•) Type")
        try terminal.press("1", "Enter")
        try terminal.type("yes", "Enter")
        let screen = try await terminal.wait(for: "The new voice PIN works now")
        let match = try #require(screen.firstMatch(of: /(\d \d \d) {3}(\d \d \d)/))
        let pin = (match.1 + match.2).filter(\.isNumber)
        #expect(pin.count == 6)
        let found = try await database.sql("SELECT email FROM users_convonet WHERE voice_pin = '\(pin)' AND is_active")
        #expect(found == email)
        try await terminal.press("x", until: "Press Esc twice")
        try terminal.press("Escape")
        try await terminal.wait(for: "Press Esc once more")
        try terminal.press("Escape")
        try await terminal.wait("the history with the change") { $0.contains(/issue voice PIN +✓ done/) }
        try terminal.type("qq")
        #expect(try await terminal.status() == 0)
        try terminal.expectGivenBack()
    }

    @Test func aTypedPasswordSignsInAndIsFoundNowhereElse() async throws {
        let database = try await TestDatabase.make()
        let email = try await somebody(database)
        let password = "Torf-Quelle-Zinn-84"
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "q quit")
        try terminal.type("/" + email, "Enter")
        try await terminal.wait(for: "Recent activity")
        try terminal.type("p")
        try await terminal.wait(for: "Type yes")
        try await terminal.press("2", until: "(•) Type")
        try terminal.press("Enter")
        try terminal.type(password, "Enter")
        try terminal.type(password, "Enter")
        try await terminal.wait(for: "the same")
        let process = try terminal.processID()
        for part in ["environ", "cmdline"] {
            let text = try #require(ShellCommand.contents(of: "/proc/\(process)/\(part)"))
            #expect(!text.isEmpty && !text.contains(password))
        }
        try terminal.type("yes", "Enter")
        try await terminal.wait(for: "The new password works now")
        #expect(try await signsIn(email, password, database))
        #expect(try await !signsIn(email, Self.oldPassword, database))
        try await terminal.press("Escape", until: "Recent activity")
        try await terminal.wait("the change") { $0.contains(/reset password +✓ done/) }
        try terminal.type("qq")
        #expect(try await terminal.status() == 0)
        #expect(try !terminal.everythingShown().contains(password))
        #expect(ShellCommand.contents(of: database.cluster.logPath)?.contains(password) == false)
        #expect(try await database.sql("SELECT * FROM convonet_admin.audit_event").contains(password) == false)
    }

    @Test func aTypedPINIsSetAndClearedAgain() async throws {
        let database = try await TestDatabase.make()
        let email = try await somebody(database)
        func pin() async throws -> String {
            try await database.sql("SELECT coalesce(voice_pin, 'none') FROM users_convonet WHERE email = '\(email)'")
        }
        // Nobody's, follows no pattern, and is no decoy: one of a few that are tried.
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "q quit")
        try terminal.type("/" + email, "Enter")
        try await terminal.wait(for: "Recent activity")
        try terminal.type("v")
        try await terminal.wait(for: "Type yes")
        try await terminal.press("2", until: "(•) Type")
        try terminal.press("Enter")
        for candidate in ["493717", "618350", "274905"] {
            try terminal.press("C-u")
            try terminal.type(candidate, "Enter")
            try terminal.press("C-u")
            try terminal.type(candidate, "Enter")
            try await terminal.wait(for: "the same")
            try terminal.type("yes", "Enter")
            let screen = try await terminal.wait("an end") {
                $0.contains("The new voice PIN works now") || $0.contains("This PIN is not available")
            }
            if screen.contains("works now") {
                #expect(try await pin() == candidate)
                break
            }
        }
        try await terminal.wait(for: "Esc or Enter closes this.")
        try await terminal.press("Enter", until: "Recent activity")
        try await terminal.wait("the change") { $0.contains(/set voice PIN +✓ done/) }
        try terminal.type("v")
        try await terminal.wait("the dialog with all that it asks for") {
            $0.contains("Type yes") && $0.contains("In the last hour")
        }
        try await terminal.press("3", until: "(•) Clear")
        try terminal.press("Enter")
        try terminal.type("yes", "Enter")
        try await terminal.wait(for: "The voice PIN was cleared.")
        #expect(try await pin() == "none")
        try await terminal.press("Escape", until: "Recent activity")
        try await terminal.wait("the change") { $0.contains(/clear voice PIN +✓ done/) }
    }
}
