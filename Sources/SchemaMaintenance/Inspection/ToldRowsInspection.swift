import ConvonetDatabase
import ConvonetSchema
import PostgresClient

/// Whether what is kept of accounts beside the log is what the log tells; a restore can bring back one without the other.
struct ToldRowsInspection: Equatable, Sendable {
    /// Accounts of which tokens count since another time.
    var cutoffs: Int
    /// Accounts that are frozen otherwise.
    var freezes: Int

    /// The whole log is looked at.
    private static let limit = Duration.seconds(300)

    /// For who may read the tables.
    static func inspect(_ connection: PostgresConnection, _ schema: SchemaReading) async throws -> Self? {
        try Self(
            await schema.query(
                Statement(trusted: ToldRows.differences), of: ToldRows.tables, connection, limit: limit))
    }

    /// The same for who may call functions, but not read the log.
    static func ask(_ connection: PostgresConnection) async throws -> Self? {
        try Self(
            await connection.query(
                "SELECT cutoffs, freezes FROM convonet_admin.told_rows()", limit: limit))
    }

    private init?(_ rows: QueryResult) throws {
        guard let row = rows.first else { return nil }
        (cutoffs, freezes) = (try row.int(0), try row.int(1))
    }

    /// What is wrong, and what to do about it; nil where nothing is.
    var fault: (message: String, mend: String)? {
        guard cutoffs > 0 || freezes > 0 else { return nil }
        let people = [
            cutoffs > 0 ? "of \(cutoffs) accounts it tells that tokens count since another time" : nil,
            freezes > 0 ? "of \(freezes) that they are frozen, or not" : nil,
        ].compactMap { $0 }
        return (
            "The log tells otherwise of accounts than the tables beside it: \(people.joined(separator: ", ")). Events were put back, or "
                + "somebody wrote past the program.",
            "Verify the log (convonet-admin audit verify). “convonet-admin migrate --follow-log” makes the tables token_cutoff and "
                + "account_freeze anew of it; see docs/AUDIT.md, “After a restore”."
        )
    }
}
