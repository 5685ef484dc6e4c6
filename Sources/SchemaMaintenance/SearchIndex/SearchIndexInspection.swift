import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SearchText

/// What has to be known before the search index is built or dropped.
struct SearchIndexInspection: Equatable, Sendable {
    var table: QualifiedName
    var tableOwner: String
    var currentUser: String
    var ownsTable: Bool
    var isIndexThere: Bool
    /// What has the index's name in its schema and is none of this table's; nil where nothing has.
    var nameTakenBy: String?
    var isIndexValid: Bool
    /// Whether no name or address can be NULL, which the index would not have.
    var hasEverybody: Bool
    var isUTF8: Bool
    /// Of the table and all its partitions.
    var tableBytes: Int
    /// The table itself first, where it is partitioned, and then all that it is made of, those above before those below;
    /// empty for an ordinary table.
    var parts: [Part] = []

    /// A partition, or the partitioned table itself.
    struct Part: Equatable, Sendable {
        var name: QualifiedName
        var oid: Int
        /// The one that it is a part of; nil for the table itself.
        var parent: Int?
        /// Whether rows are in it, not in what it is made of.
        var isLeaf: Bool
        /// Whether its rows are on another server.
        var isForeign: Bool

        /// What its piece of the index is called: the root's has the name that the index is known by.
        var indexName: String { parent == nil ? SearchIndexLookup.name : "\(SearchIndexLookup.name)_\(oid)" }
        /// The same with its schema, which is that of its table.
        var quotedIndex: String { "\(QualifiedName.quote(name.schema)).\(indexName)" }
    }

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
                   x.indexrelid IS NOT NULL, \(SearchIndexLookup.isThere("x.indrelid = t.oid")),
                   pg_encoding_to_char(d.encoding) = 'UTF8', (SELECT coalesce(sum(pg_table_size(p.relid)), pg_table_size(t.oid))::bigint
                    FROM pg_partition_tree(t.oid) p), \(SearchIndexLookup.hasEverybody("x.indrelid = t.oid", server: .max)),
                   (SELECT pg_describe_object('pg_class'::regclass, o.oid, 0)
                           || coalesce(' on ' || (SELECT y.indrelid::regclass::text FROM pg_index y WHERE y.indexrelid = o.oid), '')
                           || ' of ' || pg_get_userbyid(o.relowner)
                    FROM pg_class o WHERE o.relnamespace = t.relnamespace AND o.relname = \(SearchIndexLookup.name)
                    AND NOT EXISTS (SELECT FROM pg_index y WHERE y.indexrelid = o.oid AND y.indrelid = t.oid))
            FROM pg_class t
            JOIN pg_database d ON d.datname = current_database()
            LEFT JOIN (pg_class c JOIN pg_index x ON x.indexrelid = c.oid AND c.relname = 'convonet_admin_search')
                ON x.indrelid = t.oid
            WHERE t.oid = \(table.catalogued)
            """, limit: .seconds(30))
        guard let row = rows.first else { throw AdminError.usersTableMissing(table.description) }
        let parts = try await parts(connection, table)
        return SearchIndexInspection(
            table: table, tableOwner: try row.text(0), currentUser: try row.text(1), ownsTable: try row.bool(2),
            isIndexThere: try row.bool(3), nameTakenBy: try row.optional(8, row.text), isIndexValid: try row.bool(4),
            hasEverybody: try row.bool(7),
            isUTF8: try row.bool(5),
            tableBytes: try row.int(6), parts: parts)
    }

    private static func parts(_ connection: PostgresConnection, _ table: QualifiedName) async throws -> [Part] {
        try await connection.query(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), p.relid::oid::bigint,
                   CASE WHEN p.level > 0 THEN p.parentrelid::oid::bigint END, p.isleaf, c.relkind = 'f'
            FROM pg_partition_tree(\(table.catalogued)) p JOIN pg_class c ON c.oid = p.relid
            JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY p.level, p.relid
            """, limit: .seconds(30)
        ).map { row in
            Part(
                name: try QualifiedName(parsing: try row.text(0)), oid: try row.int(1),
                parent: try row.optional(2, row.int), isLeaf: try row.bool(3), isForeign: try row.bool(4))
        }
    }
}
