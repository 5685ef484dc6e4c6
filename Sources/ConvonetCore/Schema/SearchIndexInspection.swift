import PostgresClient

/// What has to be known before the search index is built or dropped.
struct SearchIndexInspection: Equatable, Sendable {
    var table: QualifiedName
    var tableOwner: String
    var currentUser: String
    var ownsTable: Bool
    var isIndexThere: Bool
    var isIndexValid: Bool
    /// Where pg_trgm is; nil where it is not.
    var extensionSchema: String?
    var isExtensionAvailable: Bool
    var mayMakeExtension: Bool
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
                   x.indexrelid IS NOT NULL, coalesce(x.indisvalid, false),
                   (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                    WHERE e.extname = 'pg_trgm'),
                   EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'),
                   r.rolsuper OR has_database_privilege(current_database(), 'CREATE')
                       AND has_schema_privilege(t.relnamespace, 'CREATE')
                       AND EXISTS (SELECT FROM pg_available_extension_versions v WHERE v.name = 'pg_trgm' AND v.trusted),
                   pg_encoding_to_char(d.encoding) = 'UTF8', pg_table_size(t.oid)
            FROM convonet_admin.installation i
            JOIN pg_class t ON t.oid = to_regclass(i.users_table)
            JOIN pg_roles r ON r.rolname = current_user
            JOIN pg_database d ON d.datname = current_database()
            LEFT JOIN (pg_class c JOIN pg_index x ON x.indexrelid = c.oid AND c.relname = 'convonet_admin_search')
                ON x.indrelid = t.oid
            """, limit: .seconds(30))
        guard let row = rows.first else { throw AdminError.usersTableMissing("named in convonet_admin.installation") }
        return SearchIndexInspection(
            table: try QualifiedName(parsing: try row.text(0)), tableOwner: try row.text(1),
            currentUser: try row.text(2), ownsTable: try row.bool(3), isIndexThere: try row.bool(4),
            isIndexValid: try row.bool(5), extensionSchema: try row.optional(6, row.text),
            isExtensionAvailable: try row.bool(7), mayMakeExtension: try row.bool(8), isUTF8: try row.bool(9),
            tableBytes: try row.int(10))
    }
}
