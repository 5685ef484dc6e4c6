import PostgresClient

/// What has to be known before the search index is built or dropped.
struct SearchIndexInspection: Equatable, Sendable {
    var table: QualifiedName
    var tableOwner: String
    var currentUser: String
    var ownsTable: Bool
    var isIndexThere: Bool
    var isIndexValid: Bool
    var isUTF8: Bool
    var tableBytes: Int

    /// The table's size for a reader.
    var sizeText: String {
        tableBytes < 10_000_000 ? "a small table" : "a table of \(tableBytes / 1_000_000) MB"
    }

    /// Looks; throws `usersTableMissing` where there is no such table.
    static func inspect(_ connection: PostgresConnection, _ table: QualifiedName) async throws -> SearchIndexInspection
    {
        let rows = try await connection.query(
            """
            SELECT pg_get_userbyid(t.relowner)::text, current_user::text,
                   pg_has_role(current_user, t.relowner, 'USAGE'),
                   x.indexrelid IS NOT NULL, \(SearchIndex.isThere),
                   pg_encoding_to_char(d.encoding) = 'UTF8', pg_table_size(t.oid)
            FROM pg_class t
            JOIN pg_database d ON d.datname = current_database()
            LEFT JOIN (pg_class c JOIN pg_index x ON x.indexrelid = c.oid AND c.relname = 'convonet_admin_search')
                ON x.indrelid = t.oid
            WHERE t.oid = \(table.catalogued)
            """, limit: .seconds(30))
        guard let row = rows.first else { throw AdminError.usersTableMissing(table.description) }
        return SearchIndexInspection(
            table: table, tableOwner: try row.text(0), currentUser: try row.text(1), ownsTable: try row.bool(2),
            isIndexThere: try row.bool(3), isIndexValid: try row.bool(4), isUTF8: try row.bool(5),
            tableBytes: try row.int(6))
    }
}
