import TestDatabase
import Testing

/// Several people marked and changed together, in the built program.
@Suite(.dropsDatabases) struct MarksEndToEndTests {
    @Test func everybodyWhoIsFoundIsDeactivatedByTheirNumber() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            UPDATE users_convonet SET last_name = 'Zobel', is_active = true WHERE id IN
                (SELECT id FROM users_convonet ORDER BY email LIMIT 4);
            UPDATE users_convonet SET is_active = false WHERE id IN (SELECT id FROM users_convonet ORDER BY email LIMIT 1)
            """)
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try terminal.type("/zobel")
        try await terminal.wait(for: "1 of 4")
        try terminal.press("Tab")
        try terminal.type("*")
        try await terminal.wait(for: "4 people marked.")
        try terminal.type("x")
        try await terminal.wait(for: ": 4 people")
        try await terminal.press("1", until: "1 (•)")
        // The first of them is inactive, so that to activate comes first.
        try await terminal.press("2", until: "2 (•) deactivate")
        try terminal.press("Enter")
        try terminal.type("left", "Enter")
        try terminal.type("T-18", "Enter")
        try await terminal.wait(for: "3 ready, 1 nothing to do.")
        try await terminal.press("Enter", until: "Type yes 3, with the number")
        try terminal.type("yes 3", "Enter")
        let screen = try await terminal.wait(for: "3 done, 1 nothing to do.")
        #expect(screen.contains("already inactive") && screen.contains("done, receipt 3"))
        try await terminal.press("Escape", until: "1 of 4")
        let found = try await database.sql(
            """
            SELECT count(*), count(DISTINCT account_id), min(action), min(reason || ticket), min(outcome)
            FROM convonet_admin.audit_event
            """)
        #expect(found == "3|3|deactivate|leftT-18|done")
        #expect(
            try await database.sql("SELECT count(*) FROM users_convonet WHERE last_name = 'Zobel' AND is_active") == "0"
        )
    }
}
