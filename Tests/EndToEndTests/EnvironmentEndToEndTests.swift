import TestDatabase
import Testing

/// Two databases with the same people in them, and a third that is not there, in the built program.
@Suite(.dropsDatabases) struct EnvironmentEndToEndTests {
    private func settings(_ staging: TestDatabase, _ production: TestDatabase) -> String {
        func url(_ text: String) -> String {
            "database.url = \"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        }
        return """
            environment = "staging"
            [environments.staging]
            colour = "green"
            \(url(staging.connectionString(.operator)))
            [environments.production]
            colour = "red"
            \(url(production.connectionString(.operator)))
            [environments.practice]
            \(url("postgresql://anna@127.0.0.1:1/convonet"))
            """
    }

    private func outcome(_ database: TestDatabase) async throws -> String {
        try await database.sql(
            """
            SELECT (SELECT count(*) FROM convonet_admin.audit_event), (SELECT count(*) FROM users_convonet WHERE is_active)
            """)
    }

    @Test func whoGoesOverChangesNobodyInTheWrongDatabase() async throws {
        let (staging, production) = (try await TestDatabase.make(), try await TestDatabase.make())
        for database in [staging, production] { try await database.sql("UPDATE users_convonet SET is_active = true") }
        let before = try await outcome(staging)
        let terminal = try TerminalSession(database: "", settings: settings(staging, production))
        try await terminal.wait("staging in the header") { $0.hasPrefix("  staging ") && $0.contains("1 of 200") }
        try terminal.type("*")
        try await terminal.wait(for: "200 people marked.")
        // Where nobody answers, everything stays.
        try terminal.type(":env practice", "Enter")
        let refused = try await terminal.wait("why not") { $0.contains("port 1") }
        #expect(refused.hasPrefix("  staging "))
        try terminal.press("C-u")
        try terminal.type("env prod", "Tab", "Enter")
        let there = try await terminal.wait("production") { $0.hasPrefix("  production ") && $0.contains("1 of 200") }
        #expect(!there.contains("marked") && !there.contains("Deactivate"))
        let dialog = try await terminal.press("x", until: "Type yes")
        #expect(dialog.hasPrefix("  production "))
        try terminal.type("yes", "Enter")
        try await terminal.wait(for: "The account is inactive")
        #expect(try await outcome(production) == "1|199")
        #expect(try await outcome(staging) == before && before == "0|200")
        try terminal.press("Escape")
        try await terminal.wait("the list") { !$0.contains("The account is inactive") }
        try terminal.type(":env staging", "Enter")
        try await terminal.wait("staging again") { $0.hasPrefix("  staging ") && $0.contains("1 of 200") }
        // No connection to the database that was left.
        #expect(
            try await production.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'convonet-admin%'"
            ) == "0")
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
    }
}
