import EmbeddedPostgres
import Glibc
import TestDatabase
import Testing

/// The database sleeps or goes away under the console.
@Suite(.dropsDatabases) struct DatabaseTroubleEndToEndTests {
    @Test func aServerThatGoesAwayIsSaidAndFoundAgain() async throws {
        let database = try await TestDatabase.make()
        // The console reaches the server through a directory of its own, so that the server can be away for it alone.
        var template = Array("/tmp/convonet-e2e-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { _ = try? ShellCommand.run(["rm", "-rf", directory]) }
        let name = "/.s.PGSQL.\(database.cluster.port)"
        try #require(symlink(database.cluster.socketDirectory + name, directory + name) == 0)
        let address = database.connectionString(.operator)
            .replacing(database.cluster.socketDirectory, with: directory)
        let terminal = try TerminalSession(database: address)
        try await terminal.wait(for: "1 of 200")
        unlink(directory + name)
        try await database.endSessions()
        try terminal.type("r")
        try await terminal.wait(for: "NO CONNECTION since")
        try terminal.type("v")
        try await terminal.wait("a dialog that says what is wrong") {
            $0.contains("Reset voice PIN") && $0.contains(/refused|running|connection|answer/)
        }
        try terminal.press("Escape")
        try await terminal.wait(for: "Cancelled")
        try #require(symlink(database.cluster.socketDirectory + name, directory + name) == 0)
        try terminal.type("r")
        try await terminal.wait("the list without an error") {
            $0.contains("1 of 200") && !$0.contains("NO CONNECTION")
        }
        try terminal.press("Enter")
        try await terminal.wait(for: "Nothing yet.")
    }

    @Test func connectionsThatWereEndedAreReplaced() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        try await database.endSessions()
        try terminal.press("Enter")
        let screen = try await terminal.wait("the history, or an error") {
            $0.contains("Nothing yet.") || $0.contains("Press F5 to try again.")
        }
        if !screen.contains("Nothing yet.") { try terminal.type("r") }
        try await terminal.wait("the history") { $0.contains("Nothing yet.") && !$0.contains("try again") }
    }

    @Test func whileTheServerSleepsKeysAreAnsweredAndEscapeEndsTheQuery() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(database: database.connectionString(.operator))
        try await terminal.wait(for: "1 of 200")
        async let lock = try? database.sql(
            "BEGIN; LOCK TABLE users_convonet IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60);")
        let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted "
        try await terminal.wait("the lock") { _ in
            try await database.sql(locks + "AND relation = 'users_convonet'::regclass") == "1"
        }
        let waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'users_convonet'::regclass AND NOT granted"
        try terminal.type("/abc")
        try await terminal.wait("the search under way") { $0.contains("Search abc") && $0.contains("searching…") }
        try terminal.press("BSpace")
        try await terminal.wait("the key's effect") { $0.contains("Search ab ") && $0.contains("searching…") }
        try terminal.press("Escape")
        try await terminal.wait("the list loading") { $0.contains("loading…") && !$0.contains("Search") }
        try await terminal.wait("one query left") { _ in try await database.sql(waiting) == "1" }
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
        try terminal.expectGivenBack()
        try await database.endSessions(where: "query LIKE '%pg_sleep(60)%'")
        _ = await lock
    }
}
