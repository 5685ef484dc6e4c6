import EmbeddedPostgres
import Glibc
import OperatingSystem
import TestDatabase
import Testing

@testable import PostgresClient

/// Hosts and addresses of which not all are good.
@Suite struct PlaceTests {
    /// Nobody's name is known.
    private func attempt(_ text: String) throws -> ConnectAttempt {
        let parameters = try ConnectionParameters(text, applicationName: "tests", environment: [:])
        return ConnectAttempt(
            parameters: parameters, end: nil,
            interruption: WaitInterruption(wake: WakeSignal(), flag: Flag()),
            addresses: { host, _, _ in host?.hasPrefix("/") == true ? nil : [] })
    }

    /// A socket that takes connections at another address of this machine and never says a word.
    private func silence(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0002).bigEndian
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 8) == 0
            }
        }
        try #require(isListening)
        return descriptor
    }

    private func port(of socket: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// What speaks the protocol and is another product is known by what it says on connecting, before anything is asked.
    @Test(arguments: [
        (["server_version": "13.0.0", "crdb_version": "CockroachDB CCL v23.1.11"], "CockroachDB"),
        (["server_version": "11.2-YB-2.20.0.0-b0"], "YugabyteDB"), (["server_version": "15.4"], nil),
    ])
    func anotherProductIsNamed(parameters: [String: String], product: String?) throws {
        let listening = try silence(port: 0)
        defer { close(listening) }
        func message(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
            [kind.asciiValue ?? 0] + withUnsafeBytes(of: UInt32(body.count + 4).bigEndian, Array.init) + body
        }
        let said = parameters.flatMap { message("S", Array("\($0.key)\0\($0.value)\0".utf8)) }
        let answer =
            message("R", [0, 0, 0, 0]) + said + message("K", [0, 0, 0, 1, 0, 0, 0, 2])
            + message("Z", [UInt8(ascii: "I")])
        detachThread {
            let client = accept(listening, nil, nil)
            var request = [UInt8](repeating: 0, count: 4096)
            _ = read(client, &request, request.count)
            _ = write(client, answer, answer.count)
            // Until the other end has enough of it.
            _ = read(client, &request, request.count)
            close(client)
        }
        let attempt = ConnectAttempt(
            parameters: try ConnectionParameters(
                "host=127.0.0.2 port=\(port(of: listening)) user=somebody sslmode=disable", applicationName: "tests",
                allowUnencrypted: true, environment: [:]),
            end: nil, interruption: WaitInterruption(wake: WakeSignal(), flag: Flag()))
        guard let product else {
            #expect(try attempt.run().isIdle)
            return
        }
        do {
            _ = try attempt.run()
            Issue.record("it was taken for PostgreSQL")
        } catch PostgresError.cannotConnect(let failure) {
            #expect(failure.cause == .otherProduct(product))
        }
    }

    @Test func anAddressThatIsSilentIsPassedOver() async throws {
        let cluster = try PrivateCluster.start(.init(listenOnLoopback: 0))
        defer { cluster.stop() }
        try await cluster.sql("CREATE ROLE own LOGIN PASSWORD 'right'")
        let silent = try silence(port: cluster.port)
        defer { close(silent) }
        let text =
            "host=db.example.org port=\(cluster.port) user=own password=right dbname=postgres sslmode=prefer connect_timeout=2"
        let parameters = try ConnectionParameters(
            text, applicationName: "tests", allowUnencrypted: true, environment: [:])
        let attempt = ConnectAttempt(
            parameters: parameters, end: nil,
            interruption: WaitInterruption(wake: WakeSignal(), flag: Flag()),
            addresses: { _, _, _ in ["127.0.0.2", "127.0.0.1"] })
        #expect(try attempt.run().isIdle)
    }

    @Test func allHostsAreNamed() throws {
        func failure(_ text: String) throws -> ConnectFailure {
            do {
                _ = try attempt(text).run()
                throw PostgresError.cancelled
            } catch PostgresError.cannotConnect(let failure) {
                return failure
            }
        }
        let mixed = try failure("host=/nonexistent,no-such-host.invalid,/elsewhere port=5499 sslmode=require")
        #expect(mixed.cause == .severalHosts)
        #expect(mixed.hosts.map(\.cause) == [.refused, .hostUnknown, .refused])
        for place in ["/nonexistent", "no-such-host.invalid", "/elsewhere"] { #expect(mixed.place.contains(place)) }
        let same = try failure("host=/nonexistent,/elsewhere port=5499")
        #expect(same.cause == .refused && same.place.contains("/nonexistent") && same.place.contains("/elsewhere"))
    }

    @Test func connectingCanBeEnded() async throws {
        let silent = try silence(port: 0)
        defer { close(silent) }
        let port = port(of: silent)
        let parameters = try ConnectionParameters(
            "host=127.0.0.2 port=\(port) connect_timeout=600", applicationName: "tests", environment: [:])
        let connecting = Task { try await PostgresConnection.open(parameters).isReusable }
        connecting.cancel()
        await #expect(throws: PostgresError.cancelled) { try await connecting.value }
    }

    @Test func connectingEndsWithTheWhole() async throws {
        let silent = try silence(port: 0)
        defer { close(silent) }
        let port = port(of: silent)
        let pool = PostgresPool(
            try ConnectionParameters(
                "host=127.0.0.2,127.0.0.2 port=\(port) connect_timeout=600", applicationName: "tests", environment: [:])
        )
        await #expect(throws: PostgresError.self) {
            try await pool.change("SELECT 1", until: Deadline(in: .milliseconds(200)))
        }
    }

    @Test(arguments: [
        ("could not look up local user ID 54321: user does not exist", ConnectFailure.Cause.userUnnamed),
        ("definition of service \"x\" not found", .serviceUnknown), ("invalid sslmode value: \"x\"", .invalidParameter),
        ("server closed the connection unexpectedly", .hungUp),
        ("received invalid response to SSL negotiation: H", .hungUp),
        ("server is in hot standby mode", .wrongRole), ("session is read-only", .wrongRole),
        ("SSL error: tlsv1 alert unknown ca", .identityUnproven),
        ("SSL error: tlsv13 alert certificate required", .identityUnproven),
        ("GSSAPI continuation error: No credentials were supplied", .identityUnproven),
    ])
    func whatLibpqSaysIsToldApart(text: String, cause: ConnectFailure.Cause) {
        #expect(ConnectFailure.Cause(libpqSaid: text) == cause)
    }

    @Test(arguments: [
        ("connection to server at \"db\", port 5432 failed: FATAL:  28P01\n", "28P01" as String?),
        ("connection to server failed: FATAL:  28P01\npassword retrieved from file \"/home/anna/.pgpass\"\n", "28P01"),
        ("connection to server failed: Connection refused\n", nil), ("FATAL:  no words\n", nil), ("", nil),
    ])
    func theServersCodeIsFoundWhateverStandsBehindIt(text: String, state: String?) {
        #expect(ConnectFailure.serversState(in: text) == state.map { SQLState($0) })
    }

    @Test(arguments: [
        ("08P01", ConnectFailure.Cause.refusedByServer), ("XX000", .refusedByServer), ("55000", .databaseClosed),
        ("53300", .unavailable), ("57P03", .unavailable), ("28P01", .authentication), ("28000", .notAdmitted),
        ("42501", .notAdmitted), ("3D000", .databaseMissing), ("26000", .refusedByServer),
    ])
    func whatAServerSaysIsToldApart(state: String, cause: ConnectFailure.Cause) {
        #expect(ConnectFailure.Cause(serverSaid: SQLState(state)) == cause)
    }
}
