import PostgresClient
import Synchronization
import TestDatabase
import Testing

/// What keeps a run of all tests small on the disk.
@Suite(.dropsDatabases) struct DropsDatabasesTests {
    /// A database of a test that is over, and a session in it that its test left behind.
    private func left(withSession: Bool) async throws -> (database: TestDatabase, pool: PostgresPool) {
        let made = Mutex<(database: TestDatabase, pool: PostgresPool)?>(nil)
        let test = try #require(Test.current)
        try await DropsDatabases.dropsDatabases.provideScope(for: test, testCase: nil) {
            let database = try await TestDatabase.make(.empty)
            let pool = try database.pool()
            if withSession { _ = try await pool.query("SELECT 1") }
            made.withLock { $0 = (database, pool) }
        }
        return try #require(made.withLock { $0 })
    }

    /// Several are dropped at a time, so that some more have to end.
    private func waitUntilGone(_ database: TestDatabase) async throws {
        try await eventually("\(database.name) goes") {
            _ = try await left(withSession: false)
            return try await !isThere(database)
        }
    }

    private func isThere(_ database: TestDatabase) async throws -> Bool {
        try await database.cluster.sql("SELECT count(*) FROM pg_database WHERE datname = '\(database.name)'") == "1"
    }

    @Test func aDatabaseGoesWithItsTestUnlessSomebodyIsInIt() async throws {
        let used = try await left(withSession: true)
        let idle = try await left(withSession: false)
        try await waitUntilGone(idle.database)
        #expect(try await isThere(used.database))
        _ = try await used.pool.query("SELECT 1")
        await used.pool.close()
        try await waitUntilGone(used.database)
    }
}
