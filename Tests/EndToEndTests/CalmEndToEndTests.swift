import TestDatabase
import Testing

/// Somebody else writes ten times a second.
@Suite(.dropsDatabases) struct CalmEndToEndTests {
    /// Inserts, deletes and re-sorts around one person, whose sign-in time changes as well.
    private func disturbance(around username: String, rounds: Int) -> String {
        """
        DO $$ BEGIN FOR i IN 1..\(rounds) LOOP
            INSERT INTO users_convonet SELECT gen_random_uuid(), chr(97 + i % 26) || i || '@example.org', 'calm-' || i,
                'X', 'Calm', 'Person', NULL, true, true, now(), now(), NULL;
            DELETE FROM users_convonet WHERE id = (SELECT id FROM users_convonet WHERE username <> '\(username)'
                AND id NOT IN (SELECT user_id FROM team_memberships_convonet) ORDER BY random() LIMIT 1);
            UPDATE users_convonet SET email = chr(97 + i % 26) || email WHERE id IN (SELECT id FROM users_convonet
                WHERE username <> '\(username)' ORDER BY random() LIMIT 5);
            UPDATE users_convonet SET last_login_at = clock_timestamp() WHERE username = '\(username)';
            COMMIT; PERFORM pg_sleep(0.1);
        END LOOP; END $$
        """
    }

    @Test func theSelectedPersonAndTheOneInADialogStay() async throws {
        let database = try await TestDatabase.make()
        let username = try await database.sql("SELECT username FROM users_convonet ORDER BY email OFFSET 70 LIMIT 1")
        let terminal = try TerminalSession(database: database.connectionString(.operator), columns: 100)
        try await terminal.wait(for: "1 of 200")
        for _ in 0..<3 { try terminal.press("NPage") }
        for _ in 0..<30 {
            let row = try terminal.screen().split(separator: "\n").first { $0.hasPrefix(">") }
            if row?.contains(" \(username) ") == true { break }
            try terminal.press("Down")
            try await terminal.wait("another row") { $0.split(separator: "\n").first { $0.hasPrefix(">") } != row }
        }
        async let others = database.sql(disturbance(around: username, rounds: 40))
        for round in 1...12 {
            try terminal.type("r")
            try await terminal.wait("the same person, in round \(round)") { screen in
                !screen.contains("loading…") && !screen.contains("no longer in this list")
                    && screen.split(separator: "\n").first { $0.hasPrefix(">") }?.contains(" \(username) ") == true
            }
            guard round % 4 == 0 else { continue }
            try terminal.type("v")
            try await terminal.wait("their dialog") {
                $0.contains("Reset voice PIN") && $0.contains(/Username +\S/) && $0.contains(username)
            }
            // A key counts only once the newest change of the person was seen, and the next one is never far.
            try await terminal.wait("the dialog closed") { screen in
                guard screen.contains("Reset voice PIN") else { return true }
                try terminal.press("Escape")
                return false
            }
        }
        _ = try await others
    }
}
