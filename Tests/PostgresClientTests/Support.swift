import PostgresClient
import TestDatabase

extension TestDatabase {
    /// A connection as one of the users.
    func connection(_ user: User = .owner) async throws -> PostgresConnection {
        try await PostgresConnection.open(
            try ConnectionParameters(connectionString(user), applicationName: "tests", environment: [:]))
    }

    /// Whether a backend of this database runs a statement that contains `text`.
    func isRunning(_ text: String, by watcher: PostgresConnection) async throws -> Bool {
        try await watcher.query(
            """
            SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND state = 'active' AND strpos(query, \(text)) > 0
            """, limit: .seconds(5)
        ).count > 0
    }
}

extension PostgresConnection {
    /// The number of the server's process.
    func backend() async throws -> Int { try await query("SELECT pg_backend_pid()", limit: .seconds(5))[0].int(0) }
}
