import Glibc
import TestDatabase
import TestPrograms
import Testing

/// The console as it is told line by line, at a terminal.
@Suite(.dropsDatabases) struct LinearConsoleTests {
    private static func environment(_ database: TestDatabase, _ type: String) -> [String: String] {
        ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": type, "TZ": "UTC"]
    }

    /// What may be sent beside text and line ends, and only to a terminal that is not dumb.
    private static let documented = ["\u{1B}[?2004h", "\u{1B}[?2004l", "\u{1B}[6n"]

    /// The output without what is documented, which must then be plain.
    private func plain(_ transcript: String, _ type: String) -> String {
        var text = transcript
        if type != "dumb" { for sequence in Self.documented { text = text.replacing(sequence, with: "") } }
        let controls = text.unicodeScalars.filter {
            $0.properties.generalCategory == .control && $0 != "\r" && $0 != "\n"
        }
        #expect(controls.isEmpty, "\(type): \(transcript.debugDescription)")
        // A line that is begun is never taken back.
        #expect(!text.replacing("\r\n", with: "").contains("\r"), "\(type)")
        return text.replacing("\r\n", with: "\n")
    }

    @Test(arguments: ["dumb", "xterm", ""])
    func somebodyWhoOnlyReadsFindsAPersonAndReadsTheNewPINOut(_ type: String) async throws {
        let database = try await TestDatabase.make()
        let who = try await database.sql(
            "SELECT username || ' ' || email FROM users_convonet WHERE is_active ORDER BY email OFFSET 7 LIMIT 1"
        )
        .split(separator: " ").map(String.init)
        let (username, email) = (who[0], who[1])
        let run = try TerminalRun(["console", "--linear"], environment: Self.environment(database, type))
        let found = run.settings
        await run.expect("Connecting…")
        await run.expect("accounts.")
        await run.expect("Keys: ")
        await run.expect("200 in the list.")
        run.type("/")
        await run.expect("Search: ")
        run.type(username)
        await run.expect("1 in the list.")
        await run.expect("Enter opens 1 of 1: ")
        await run.expect("Search: \(username)")
        run.type("\r")
        await run.expect(email)
        await run.expect("Recent activity: none.")
        run.type("v")
        await run.expect("Reset voice PIN.")
        await run.expect("Username: \(username)")
        await run.expect("Keys: ")
        await run.expect("1 Issue")
        // What is typed before the terminal says that it has shown this counts as typed for something else.
        if type == "xterm" {
            await run.expect("\u{1B}[6n")
            run.type("\u{1B}[9;1R")
        }
        run.type("\r")
        await run.expect("Type yes to confirm")
        run.type("yes")
        await run.expect("yes")
        run.type("\r")
        await run.expect("The new voice PIN works now")
        await run.expect("Space reads the first")
        await run.expect("Keys: ")
        let before = run.transcript
        if type == "xterm" {
            await run.expect("\u{1B}[6n")
            run.type("\u{1B}[30;1R")
        }
        run.type(" ")
        await run.expect("Line 1 of 2: ")
        run.type(" ")
        await run.expect("Line 2 of 2: ")
        await run.expect(".")
        let text = plain(run.transcript, type)
        let spoken = text.split(separator: "\n").filter { $0.hasPrefix("Line ") }.map { line in
            line.split(separator: ":")[1].filter(\.isNumber)
        }
        let pin = try await database.sql("SELECT voice_pin FROM users_convonet WHERE username = '\(username)'")
        #expect(spoken.joined() == pin && pin.count >= 4)
        #expect(!before.contains(pin) && !before.contains(pin.map(String.init).joined(separator: " ")))
        run.type("\u{1B}")
        await run.expect("Press Esc once more to close.")
        run.type("\u{1B}")
        await run.expect("clear its scroll-back")
        run.type("qq")
        #expect(await run.wait() == 0)
        #expect(run.settings == found)
        _ = plain(run.transcript, type)
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGSEGV])
    func theTerminalIsGivenBackAfterASignal(_ signal: Int32) async throws {
        let database = try await TestDatabase.make()
        let run = try TerminalRun(["--linear"], environment: Self.environment(database, "dumb"))
        let found = run.settings
        await run.expect("200 in the list.")
        #expect(run.settings != found)
        run.signal(signal)
        #expect(await run.wait() == 128 + signal)
        #expect(run.settings == found)
        _ = plain(run.transcript, "dumb")
    }

    @Test func controlCLeavesItAndASettingTurnsItOn() async throws {
        let database = try await TestDatabase.make()
        let path = "/tmp/convonet-linear-\(getpid()).toml"
        defer { unlink(path) }
        let file = try #require(fopen(path, "w"))
        fputs("[console]\nlinear = true\n", file)
        fclose(file)
        var environment = Self.environment(database, "dumb")
        environment["CONVONET_ADMIN_CONFIG"] = path
        let run = try TerminalRun([], environment: environment)
        await run.expect("200 in the list.")
        run.type("?")
        await run.expect("Keys of accounts: ")
        run.type("\u{3}")
        await run.expect("accounts.")
        run.type("\u{3}")
        #expect(await run.wait() == 0)
        // The option goes before the file.
        let drawn = try TerminalRun(["--no-linear"], environment: environment)
        await drawn.expect("cannot move its cursor")
        #expect(await drawn.wait() == 78)
        #expect(drawn.transcript.contains("console --linear"))
    }

    @Test func aPipeIsRefusedInWords() async throws {
        let database = try await TestDatabase.make()
        let run = try await CommandRun(database, ["console", "--linear"], input: "q")
        #expect(run.status == 78)
        #expect(run.errors.contains("needs a terminal on standard input and output") && run.output.isEmpty)
    }
}
