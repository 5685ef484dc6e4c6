import Glibc
import LocalFiles

extension PrivateCluster {
    /// Runs SQL as `user`, the first role where it is nil, and stops at the first error.
    ///
    /// It goes through psql's standard input, so several statements and psql's own commands are allowed.
    /// - Returns: the rows as text, columns separated by `|`, without headings.
    /// - Throws: `ClusterFailure.sql` with psql's words.
    @discardableResult
    public func run(_ sql: String, database: String = "postgres", user: String? = nil) throws(ClusterFailure) -> String
    {
        let input = try FileSystem.scratchFile(holding: sql)
        defer { close(input) }
        return try psql(input: input, database: database, user: user)
    }

    /// Runs a file of SQL as `run(_:database:user:)` does.
    @discardableResult
    public func run(file path: String, database: String = "postgres", user: String? = nil) throws(ClusterFailure)
        -> String
    {
        let file: ReadableFile
        do { file = try ReadableFile(path) } catch { throw .unreadable(path, reason: error.description) }
        return try psql(input: file.descriptor, database: database, user: user)
    }

    /// Makes a database, as a copy of `template` where one is given: nobody may be connected to that.
    public func createDatabase(_ name: String, template: String? = nil) throws(ClusterFailure) {
        let copy = template.map { " TEMPLATE \(identifier($0))" } ?? ""
        try run("CREATE DATABASE \(identifier(name))\(copy);")
    }

    /// Removes a database, with everybody who is connected to it; none of that name is no error.
    public func dropDatabase(_ name: String) throws(ClusterFailure) {
        try run("DROP DATABASE IF EXISTS \(identifier(name)) WITH (FORCE);")
    }

    private func psql(input: Int32, database: String, user: String?) throws(ClusterFailure) -> String {
        let connection = connectionString(database: database, user: user)
        let command = [binaries.path("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection]
        let outcome = try ChildProcess.run(command, input: input)
        guard outcome.succeeded else { throw .sql(message: outcome.errors) }
        return outcome.output.hasSuffix("\n") ? String(outcome.output.dropLast()) : outcome.output
    }

    private func identifier(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
