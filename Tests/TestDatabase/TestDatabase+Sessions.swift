extension TestDatabase {
    // Tests share a server and users: without the database's name, one would count or end another's sessions.
    private func others(_ condition: String) -> String {
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND (\(condition))"
    }

    /// How many other sessions in this database fulfil a condition on `pg_stat_activity`.
    public func sessions(where condition: String = "true") async throws -> Int {
        Int(try await sql("SELECT count(*) \(others(condition))")) ?? 0
    }

    /// Ends these sessions as the superuser, and says how many there were.
    @discardableResult
    public func endSessions(where condition: String = "true") async throws -> Int {
        Int(try await sql("SELECT count(pg_terminate_backend(pid)) \(others(condition))")) ?? 0
    }
}
