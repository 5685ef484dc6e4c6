import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

@Suite struct LossTests {
    @Test func aKilledBackendIsALostConnection() async throws {
        let database = try await TestDatabase.make(.empty)
        let (connection, killer) = (try await database.connection(), try await database.connection())
        let backend = try await connection.backend()
        let sleeping = Task { try await connection.query("SELECT pg_sleep(601)", limit: .seconds(500)) }
        try await eventually("the query begins") { try await database.isRunning("pg_sleep(601)", by: killer) }
        _ = try await killer.query("SELECT pg_terminate_backend(\(backend)::integer)", limit: .seconds(5))
        await #expect(throws: PostgresError.connectionLost(afterSending: true)) { try await sleeping.value }
        #expect(await !connection.isReusable())
        await #expect(throws: PostgresError.connectionLost(afterSending: false)) {
            try await connection.query("SELECT 1", limit: .seconds(5))
        }
    }

    @Test func aPoolRecoversWhenAllItsConnectionsDied() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool(maximum: 3)
        try await occupy(pool, 3)
        try database.endSessions(where: "usename = 'convonet_owner'")
        #expect(try await pool.query("SELECT 42")[0].int(0) == 42)
        try await occupy(pool, 3)
    }

    @Test func aChangeIsNotSentTwice() async throws {
        let database = try await TestDatabase.make(.empty)
        try database.sql("CREATE SEQUENCE public.attempts; GRANT ALL ON SEQUENCE public.attempts TO convonet_owner")
        let pool = try database.pool()
        // nextval outlives the transaction that dies with the backend.
        await #expect(throws: PostgresError.connectionLost(afterSending: true)) {
            try await pool.change("SELECT nextval('public.attempts'), pg_terminate_backend(pg_backend_pid())")
        }
        #expect(try database.sql("SELECT last_value FROM public.attempts") == "1")
        await #expect(throws: PostgresError.connectionLost(afterSending: true)) {
            try await pool.change(
                "SELECT nextval('public.attempts'), pg_terminate_backend(pg_backend_pid())", mayRepeat: true)
        }
        #expect(try database.sql("SELECT last_value FROM public.attempts") == "3")
    }

    @Test func moreCallersThanConnectionsWaitTheirTurn() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool(maximum: 2)
        let backends = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<40 { group.addTask { try await pool.query("SELECT pg_backend_pid()")[0].int(0) } }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(backends.count <= 2)
    }

    @Test func oneConnectionStaysWhereNobodyAsks() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = PostgresPool(
            try ConnectionParameters(database.connectionString(), applicationName: "tests", environment: [:]),
            maximum: 3, kept: 1)
        try await occupy(pool, 3)
        try await eventually("but one connection has ended") {
            try database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'convonet_owner' AND datname = current_database()"
            ) == "1"
        }
        try await occupy(pool, 3)
    }

    @Test func aFailedConnectFreesItsPlace() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = PostgresPool(
            try ConnectionParameters(
                database.cluster.connectionString(database: "no_such_database", user: "convonet_owner"),
                applicationName: "tests", environment: [:]), maximum: 1)
        for _ in 0..<3 {
            await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        }
    }

    /// Has so many connections in use at once.
    private func occupy(_ pool: PostgresPool, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { _ = try await pool.query("SELECT pg_sleep(0.1)") } }
            try await group.waitForAll()
        }
    }
}
