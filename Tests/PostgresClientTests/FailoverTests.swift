import EmbeddedPostgres
import OperatingSystem
import TestDatabase
import Testing

@testable import PostgresClient

/// Several servers of which one takes changes, and which one changes.
@Suite struct FailoverTests {
    private static let change: Statement = "SELECT pg_current_xact_id()"
    private static let refusal = PostgresError.server(
        ServerError(sqlState: .readOnlyTransaction, isStandby: true))

    private func parameters(_ text: String) throws -> ConnectionParameters {
        try ConnectionParameters(text, applicationName: "tests", allowUnencrypted: true, environment: [:])
    }

    @Test func whatWritesFindsThePrimaryAndTheNextOne() async throws {
        let pair = try await ServerPair(of: PrivateCluster.start(.init(settings: ServerPair.settings)))
        defer { pair.primary.stop() }
        let address = pair.address("postgres", user: pair.primary.superuser)
        let pool = PostgresPool(try parameters(address))
        _ = try await pool.change(Self.change)
        #expect(!pool.isOnStandby)
        for (attributes, isStandby) in [("any", true), ("standby", true), ("prefer-standby", true), ("primary", false)]
        {
            let connection = try await PostgresConnection.open(
                try parameters("\(address) target_session_attrs=\(attributes)"))
            #expect(connection.details?.isStandby == isStandby, "\(attributes)")
        }

        pair.primary.stop()
        #expect(try await pool.query("SELECT pg_is_in_recovery()")[0].bool(0))
        #expect(pool.isOnStandby)
        await #expect(throws: Self.refusal) { try await pool.change(Self.change) }
        await #expect(throws: Self.refusal) {
            try await pool.transaction(.readCommitted) { try await $0.query("SELECT 1", limit: .seconds(5)).count }
        }
        #expect(try await !pool.findPrimary())
        let reader = PostgresPool(try parameters("\(address) target_session_attrs=prefer-standby"))
        #expect(try await reader.query("SELECT 1").count == 1)

        try await pair.promote()
        #expect(try await pool.findPrimary())
        #expect(!pool.isOnStandby)
        _ = try await pool.change(Self.change)
        // Who only reads looks for no primary, and hears of it all the same.
        #expect(reader.isOnStandby)
        #expect(try await !reader.query("SELECT pg_is_in_recovery()")[0].bool(0))
        #expect(!reader.isOnStandby)
    }

    /// A connection that was kept leads to a standby, and a primary is elsewhere by now.
    @Test func whatWritesLeavesAStandbyThatWasKept() async throws {
        let pair = try await ServerPair(of: PrivateCluster.start(.init(settings: ServerPair.settings)))
        let address = pair.address("postgres", user: pair.primary.superuser)
        let pool = PostgresPool(try parameters(address))
        pair.primary.stop()
        #expect(try await pool.query("SELECT 1").count == 1)
        #expect(pool.isOnStandby)
        try await pair.promote()
        _ = try await pool.change(Self.change)
        _ = try await pool.transaction(.readCommitted) { try await $0.query(Self.change, limit: .seconds(5)).count }
        #expect(!pool.isOnStandby)
    }

    @Test func addressAfterAddressOfOneNameIsAskedForThePrimary() async throws {
        let primary = try PrivateCluster.start(.init(settings: ServerPair.settings, listenOnLoopback: 0))
        defer { primary.stop() }
        try await primary.sql("CREATE ROLE own LOGIN PASSWORD 'right'")
        let pair = try await ServerPair(of: primary, loopback: "127.0.0.2")
        try await pair.catchUp()
        let text = "host=db.example.org port=\(primary.port) user=own password=right dbname=postgres connect_timeout=3"
        let attempt = ConnectAttempt(
            parameters: try parameters(text + " sslmode=prefer"), end: nil,
            interruption: WaitInterruption(wake: WakeSignal(), flag: Flag()),
            // Nobody listens at the first.
            addresses: { _, _, _ in ["127.0.0.3", "127.0.0.2", "127.0.0.1"] })
        #expect(try !attempt.run().isStandby)
        primary.stop()
        #expect(try attempt.run().isStandby)
    }
}
