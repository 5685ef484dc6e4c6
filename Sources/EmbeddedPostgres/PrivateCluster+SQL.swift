import OperatingSystem

extension PrivateCluster {
    /// Runs SQL as `user`, the first role where it is nil, and stops at the first error.
    ///
    /// It goes through psql's standard input, so several statements and psql's own commands are allowed.
    /// - Returns: the rows as text, columns separated by `|`, without headings.
    /// - Throws: `ClusterFailure.sql` with psql's words.
    @discardableResult
    public func run(_ sql: String, database: String = "postgres", user: String? = nil) throws(ClusterFailure) -> String
    {
        let connection = connectionString(database: database, user: user)
        let command = [binaries.path("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection]
        let outcome = try ChildProcess.run(command, input: sql)
        guard outcome.succeeded else { throw .sql(message: outcome.errors) }
        return outcome.output.hasSuffix("\n") ? String(outcome.output.dropLast()) : outcome.output
    }
}
