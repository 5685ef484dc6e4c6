package import PostgresClient

/// What of the schema may be read in a transaction, as it was judged in it: all readings of its tables by whoever maintains it.
///
/// A table is looked up by its name again when it is read, and whoever owns it could have put a view with code of theirs in its
/// place by then. So where that code would run with rights worth having, only what was kept from changing is read.
package struct SchemaReading: Equatable, Sendable {
    /// The role that the schema belongs to.
    package let owner: String
    /// The tables that stay what they are until the transaction ends; nil where nothing has to.
    let kept: Set<String>?
    /// Tables that are somebody else's, and so could not be kept.
    var others: Set<String> = []

    /// Whether a table may be read.
    package func holds(_ table: String) -> Bool { kept?.contains(table) ?? true }

    /// Whether there is no such table.
    package func lacks(_ table: String) -> Bool { !holds(table) && !others.contains(table) }

    /// Says of a table that was not kept what the server says of one that is not there, or is another's.
    package func require(_ tables: [String]) throws {
        guard let table = tables.first(where: { !holds($0) }) else { return }
        throw PostgresError.server(
            ServerError(sqlState: lacks(table) ? .undefinedTable : .insufficientPrivilege))
    }

    /// What a statement finds in these tables.
    package func query(
        _ statement: Statement, of tables: [String], _ connection: PostgresConnection, limit: Duration = .seconds(30)
    ) async throws -> QueryResult {
        try require(tables)
        return try await connection.query(statement, limit: limit)
    }
}
