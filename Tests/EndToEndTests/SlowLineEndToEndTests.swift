import TestDatabase
import Testing

/// A line on which every byte takes 300 ms, each way.
@Suite(.dropsDatabases) struct SlowLineEndToEndTests {
    private static let delay = 0.3

    private func events(_ database: TestDatabase) async throws -> Int {
        Int(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event")) ?? -1
    }

    @Test func keysTypedAheadOfADialogConfirmNothing() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator), delay: Self.delay)
        try await terminal.wait(for: "1 of 200")
        for attempt in 1...3 {
            // All of it is on its way before the dialog is seen: in one go, and one after the other.
            try terminal.type("v")
            if attempt == 1 {
                try terminal.type("\ryes\r")
            } else {
                try terminal.press("Enter", "y", "e", "s", "Enter")
            }
            try await terminal.wait(for: "Type yes")
            // The dialog's own keys come behind all those, so what they left shows in what these do.
            try terminal.press("Right")
            let screen = try await terminal.wait(for: "(•) Type")
            #expect(!screen.contains(/Type yes +[yes]/))
            try terminal.press("Escape")
            try await terminal.wait(for: "Cancelled. Nothing was changed.")
        }
        #expect(try await events(database) == 0)
    }

    @Test func keysTypedAheadOfAReceiptDoNotDismissIt() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator), delay: Self.delay)
        try await terminal.wait(for: "1 of 200")
        try terminal.type("v")
        try await terminal.wait(for: "Type yes")
        try await terminal.press("2", until: "(•) Type")
        try terminal.press("1", "Enter")
        try terminal.type("yes")
        try await terminal.wait("yes in its field") { $0.contains(/Type yes to confirm +yes/) }
        // On a busy machine three seconds can pass before the writing is seen.
        try await database.sql(
            "ALTER FUNCTION convonet_admin.issue_voice_pin(uuid, text, uuid, jsonb) SET lock_timeout = '60s'")
        // Somebody holds the log's head up until the writing is seen; then the receipt is painted at once, and what is typed
        // in that moment is there before it is shown.
        async let hold = try? database.sql(
            "BEGIN; SELECT FROM convonet_admin.audit_head FOR UPDATE; SELECT pg_sleep(60)")
        let holders = "query LIKE '%pg_sleep(60)%' AND wait_event = 'PgSleep'"
        try await terminal.wait("the head held up") { _ in try await database.sessions(where: holders) == 1 }
        try terminal.press("Enter")
        try await terminal.wait(for: "Saving. Please wait…")
        try await database.endSessions(where: holders)
        try terminal.type("\u{1B}\u{1B}\u{1B}")
        _ = await hold
        try await terminal.wait(for: "The new voice PIN works now")
        try terminal.press("C-r")
        try await terminal.wait(for: "The new value is hidden.")
        #expect(try await events(database) == 1)
        try terminal.press("Escape")
        try await terminal.wait(for: "Press Esc once more")
        try terminal.press("Escape")
        try await terminal.wait("the list") { !$0.contains("Receipt") }
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
        try terminal.expectGivenBack()
    }
}
