import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct LossTests {
    /// By an administrator (admin_shutdown).
    private let ended = ConnectionEnding(sqlState: "57P01")

    @Test func aKilledBackendIsALostConnection() async throws {
        let database = try await TestDatabase.make(.empty)
        let (connection, killer) = (try await database.connection(), try await database.connection())
        let backend = try await connection.backend()
        let sleeping = Task { try await connection.query("SELECT pg_sleep(601)", limit: .seconds(500)) }
        try await eventually("the query begins") { try await database.isRunning("pg_sleep(601)", by: killer) }
        _ = try await killer.query("SELECT pg_terminate_backend(\(backend)::integer)", limit: .seconds(5))
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ended)) {
            try await sleeping.value
        }
        #expect(!connection.isReusable)
        await #expect(throws: PostgresError.connectionLost(afterSending: false)) {
            try await connection.query("SELECT 1", limit: .seconds(5))
        }
    }

    @Test func aPoolRecoversWhenAllItsConnectionsDied() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool(maximum: 3)
        try await occupy(pool, 3)
        try await database.endSessions(where: "usename = 'convonet_owner'")
        #expect(try await pool.query("SELECT 42")[0].int(0) == 42)
        try await occupy(pool, 3)
    }

    @Test func aChangeIsNotSentTwice() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(
            "CREATE SEQUENCE public.attempts; GRANT ALL ON SEQUENCE public.attempts TO convonet_owner")
        let pool = try database.pool()
        // nextval outlives the transaction that dies with the backend.
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ended)) {
            try await pool.change("SELECT nextval('public.attempts'), pg_terminate_backend(pg_backend_pid())")
        }
        #expect(try await database.sql("SELECT last_value FROM public.attempts") == "1")
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ended)) {
            try await pool.change(
                "SELECT nextval('public.attempts'), pg_terminate_backend(pg_backend_pid())", mayRepeat: true)
        }
        #expect(try await database.sql("SELECT last_value FROM public.attempts") == "3")
    }

    /// What the server said while nobody listened is there when the connection is used again: before anything is sent.
    @Test(arguments: [
        ("SELECT 1", SQLState("57P05")), ("SELECT 1", "57P01"), ("BEGIN", "25P03"), ("BEGIN", "57P01"),
    ])
    func whyAnIdleConnectionEndedIsSaid(script: String, state: SQLState) async throws {
        let database = try await TestDatabase.make(.empty)
        let connection = try await database.connection()
        try await connection.run(script: "\(script);", limit: .seconds(5))
        if state == "57P01" {
            try await database.endSessions(where: "usename = 'convonet_owner'")
        } else {
            let setting = script == "BEGIN" ? "idle_in_transaction_session_timeout" : "idle_session_timeout"
            try await connection.run(script: "SET \(setting) = 1;", limit: .seconds(5))
        }
        try await eventually("the session is over") {
            try await database.sessions(where: "usename = 'convonet_owner'") == 0
        }
        let ending = ConnectionEnding(sqlState: state)
        await #expect(throws: PostgresError.connectionLost(afterSending: false, ending: ending)) {
            try await connection.change("SELECT 1", limit: .seconds(5))
        }
    }

    @Test func aChangeGoesToANewConnectionWhereTheKeptOneIsDead() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(
            "CREATE SEQUENCE public.attempts; GRANT ALL ON SEQUENCE public.attempts TO convonet_owner")
        let pool = try database.pool()
        _ = try await pool.query("SELECT 1")
        try await database.endSessions(where: "usename = 'convonet_owner'")
        try await eventually("the session is over") {
            try await database.sessions(where: "usename = 'convonet_owner'") == 0
        }
        let rows = try await pool.change("SELECT nextval('public.attempts')").rows
        #expect(try rows[0].int(0) == 1)
    }

    @Test func aTransactionBeginsOnANewConnectionWhereTheKeptOneIsDead() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool()
        _ = try await pool.query("SELECT 1")
        try await database.endSessions(where: "usename = 'convonet_owner'")
        try await eventually("the session is over") {
            try await database.sessions(where: "usename = 'convonet_owner'") == 0
        }
        let rows = try await pool.transaction(.reading) { try await $0.query("SELECT 7", limit: .seconds(5)) }
        #expect(try rows[0].int(0) == 7)
    }

    /// Nothing is left of a transaction whose connection ended before it was committed.
    @Test func aTransactionThatWasNotCommittedWasNotMade() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool()
        await #expect(throws: PostgresError.connectionLost(afterSending: false, ending: ended)) {
            try await pool.transaction(.readCommitted) { connection in
                _ = try await connection.query("CREATE TABLE public.made ()", limit: .seconds(5))
                _ = try await connection.query(
                    "SELECT pg_terminate_backend(pg_backend_pid())", limit: .seconds(5))
            }
        }
        #expect(try await database.sql("SELECT to_regclass('public.made') IS NULL") == "t")
    }

    @Test func aScriptIsToldWhyItsConnectionEnded() async throws {
        let database = try await TestDatabase.make(.empty)
        let connection = try await database.connection()
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ended)) {
            try await connection.run(
                script: "SELECT 1; SELECT pg_terminate_backend(pg_backend_pid()); SELECT 2;", limit: .seconds(5))
        }
    }

    /// An error is no ending, whatever its code is: the application's own code can raise any.
    @Test func aRaisedCodeIsARefusal() async throws {
        let database = try await TestDatabase.make(.empty)
        let connection = try await database.connection()
        try await connection.begin(.readCommitted, limit: .seconds(5))
        await #expect(throws: PostgresError.server(ServerError(sqlState: "57P01"))) {
            try await connection.run(
                script: "DO $$ BEGIN RAISE 'no' USING ERRCODE = '57P01'; END $$", limit: .seconds(5))
        }
        await connection.rollback()
        #expect(connection.isReusable)
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
            try await database.sql(
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
