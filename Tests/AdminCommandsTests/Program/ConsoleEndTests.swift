import Glibc
import TestDatabase
import Testing

/// How the console ends where the database or the terminal does not answer.
@Suite(.dropsDatabases) struct ConsoleEndTests {
    private static func environment(_ address: String) -> [String: String] {
        ["CONVONET_DB_URI": address, "TERM": "xterm"]
    }

    /// Takes connections and says nothing.
    private final class SilentServer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let port: UInt16

        init() throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                        && getsockname(descriptor, $0, &length) == 0
                }
            }
            try #require(isListening)
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }

        /// Nobody gives up waiting for it, however late the test goes on.
        var address: String { "postgresql://anna@127.0.0.1:\(port)/c?connect_timeout=3600" }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT]) func aSignalEndsItWhileItConnects(_ signal: Int32) async throws {
        let server = try SilentServer()
        let run = try TerminalRun([], environment: Self.environment(server.address))
        await run.expect("Connecting…")
        run.signal(signal)
        #expect(await run.wait() == 128 + signal)
    }

    @Test func controlCEndsItWhileItConnects() async throws {
        let server = try SilentServer()
        let run = try TerminalRun([], environment: Self.environment(server.address))
        await run.expect("Connecting…")
        run.type("\u{3}")
        #expect(await run.wait() == 130)
    }

    @Test func aTerminalThatGoesAwayEndsItWhileItConnects() async throws {
        let server = try SilentServer()
        let run = try TerminalRun([], environment: Self.environment(server.address))
        await run.expect("Connecting…")
        run.hangUp()
        #expect(await run.wait() == 129)
    }

    @Test func aTerminalThatGoesAwayEndsTheConsole() async throws {
        let database = try await TestDatabase.make()
        let run = try TerminalRun([], environment: Self.environment(database.connectionString(.operator)))
        await run.expect("1 of 200")
        run.hangUp()
        #expect(await run.wait() == 129)
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aTerminalThatTakesNothingKeepsItNoLonger(_ signal: Int32) async throws {
        let database = try await TestDatabase.make()
        let run = try TerminalRun([], environment: Self.environment(database.connectionString(.operator)), isFull: true)
        // The first page was read; what is drawn of it goes nowhere.
        try await eventually("the console has read its page") {
            try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'test_operator' AND datname = current_database() AND state = 'idle'"
            ) != "0"
        }
        run.signal(signal)
        #expect(await run.wait() == 128 + signal)
    }

    @Test func whatWasHeldBackIsShownOnceTheTerminalTakesIt() async throws {
        let database = try await TestDatabase.make()
        let run = try TerminalRun([], environment: Self.environment(database.connectionString(.operator)), isFull: true)
        try await eventually("the console has read its page") {
            try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'test_operator' AND datname = current_database() AND state = 'idle'"
            ) != "0"
        }
        await run.expect("1 of 200")
        run.type("q")
        #expect(await run.wait() == 0)
    }
}
