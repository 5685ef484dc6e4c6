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

    /// Looks; throws `schemaMissing` where nothing is installed, for the installation names the table.
    static func inspect(_ connection: PostgresConnection) async throws -> SearchIndexInspection {
        let rows = try await connection.query(
            """
            SELECT i.users_table, pg_get_userbyid(t.relowner)::text, current_user::text,
                   pg_has_role(current_user, t.relowner, 'USAGE'),
                   x.indexrelid IS NOT NULL, \(SearchIndex.isThere),
                   pg_encoding_to_char(d.encoding) = 'UTF8', pg_table_size(t.oid)
            FROM convonet_admin.installation i
            JOIN pg_class t ON t.oid = to_regclass(i.users_table)
            JOIN pg_database d ON d.datname = current_database()
            LEFT JOIN (pg_class c JOIN pg_index x ON x.indexrelid = c.oid AND c.relname = 'convonet_admin_search')
                ON x.indrelid = t.oid
            """, limit: .seconds(30))
        guard let row = rows.first else { throw AdminError.usersTableMissing("named in convonet_admin.installation") }
        return SearchIndexInspection(
            table: try QualifiedName(parsing: try row.text(0)), tableOwner: try row.text(1),
            currentUser: try row.text(2), ownsTable: try row.bool(3), isIndexThere: try row.bool(4),
            isIndexValid: try row.bool(5), isUTF8: try row.bool(6), tableBytes: try row.int(7))
    }
}
