import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct LimitTests {
    @Test func cancellingTheTaskEndsTheQueryOnTheServer() async throws {
        let database = try await TestDatabase.make(.empty)
        let (connection, watcher) = (try await database.connection(), try await database.connection(.owner))
        let sleeping = Task { try await connection.query("SELECT pg_sleep(600)", limit: .seconds(500)) }
        try await eventually("the query begins") { try await database.isRunning("pg_sleep(600)", by: watcher) }
        sleeping.cancel()
        await #expect(throws: PostgresError.cancelled) { try await sleeping.value }
        try await eventually("the server has stopped") { try await !database.isRunning("pg_sleep(600)", by: watcher) }
        #expect(try await connection.query("SELECT 1", limit: .seconds(5))[0].int(0) == 1)
    }

    @Test func aCancelledTaskSendsNothing() async throws {
        let database = try await TestDatabase.make(.empty)
        let connection = try await database.connection()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await connection.query("CREATE TABLE sent ()", limit: .seconds(5)).count
        }
        task.cancel()
        await #expect(throws: PostgresError.cancelled) { try await task.value }
        #expect(try await connection.query("SELECT to_regclass('public.sent') IS NULL", limit: .seconds(5))[0].bool(0))
    }

    @Test func theServerKeepsTheTimeLimit() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        await #expect(throws: PostgresError.timedOut) {
            try await connection.query("SELECT pg_sleep(600)", limit: .milliseconds(150))
        }
        #expect(connection.isReusable)
        let row = try await connection.query("SELECT current_setting('statement_timeout')", limit: .seconds(7))[0]
        #expect(try row.text(0) == "7s")
    }

    @Test func settingsEndWithTheRequest() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let row = try await connection.query(
            "SELECT current_setting('search_path'), current_setting('idle_in_transaction_session_timeout')",
            limit: .seconds(5))[0]
        #expect(try row.text(0) == "pg_catalog, pg_temp")
        #expect(try row.text(1) == "1min")
        // What another client of the same server connection would find, had a pooler given it away now.
        try await connection.begin(.readCommitted, limit: .seconds(5))
        await connection.rollback()
        #expect(connection.isReusable)
    }

    @Test func aTransactionLeftOpenIsNotGivenToAnybody() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool(maximum: 1)
        let first = try await pool.withConnection { connection in
            try await connection.begin(.readCommitted, limit: .seconds(5))
            _ = try await connection.query("CREATE TABLE public.half ()", limit: .seconds(5))
            return try await connection.backend()
        }
        let second = try await pool.withConnection { try await $0.backend() }
        #expect(first != second)
        #expect(try await pool.query("SELECT to_regclass('public.half') IS NULL")[0].bool(0))
    }

    @Test func aSnapshotSeesNothingNewAndWritesNothing() async throws {
        let database = try await TestDatabase.make(.application)
        let pool = try database.pool()
        try await pool.transaction(.snapshot) { connection in
            let count: Statement = "SELECT count(*) FROM public.users_convonet"
            let before = try await connection.query(count, limit: .seconds(5))[0].int(0)
            _ = try await pool.change("DELETE FROM public.team_memberships_convonet")
            _ = try await pool.change("DELETE FROM public.users_convonet WHERE username LIKE 'b%'")
            #expect(try await connection.query(count, limit: .seconds(5))[0].int(0) == before)
        }
        await #expect(throws: PostgresError.server(ServerError(sqlState: .readOnlyTransaction))) {
            try await pool.transaction(.snapshot) {
                try await $0.query("CREATE TABLE public.t ()", limit: .seconds(5)).count
            }
        }
    }

    @Test func aTransactionThatFailedInsideIsNotReportedAsDone() async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool()
        await #expect(throws: PostgresError.self) {
            try await pool.transaction(.readCommitted) { connection in
                _ = try await connection.query("CREATE TABLE public.half ()", limit: .seconds(5))
                _ = try? await connection.query("SELECT 1/0", limit: .seconds(5))
            }
        }
        #expect(try await pool.query("SELECT to_regclass('public.half') IS NULL")[0].bool(0))
    }

    @Test func errorsCarryNoValues() async throws {
        let database = try await TestDatabase.make(.application)
        let pool = try database.pool()
        let marker = "MARKER-7f3a"
        let insert: Statement = """
            UPDATE public.users_convonet SET voice_pin = '991', username = \(marker) WHERE username IN (
                SELECT username FROM public.users_convonet ORDER BY username LIMIT 2)
            """
        do {
            _ = try await pool.change(insert)
            Issue.record("two people got one username")
        } catch {
            var dumped = ""
            dump(error, to: &dumped)
            for text in [dumped, "\(error)", String(reflecting: error)] { #expect(!text.contains(marker)) }
            guard case PostgresError.server(let refusal) = error else { throw error }
            #expect(refusal.sqlState == "23505")
            #expect(refusal.constraint?.hasPrefix("ix_users_convonet_") == true)
        }
    }
}
