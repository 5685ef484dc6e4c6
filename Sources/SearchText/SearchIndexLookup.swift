package import PostgresClient

/// How the search index is recognised in the catalogue, in SQL.
package enum SearchIndexLookup {
    package static let name = "convonet_admin_search"

    /// True in SQL where the index is there and whole, and one of this program's: an earlier one made others, and anybody may
    /// give an index of theirs its name. `table` says in SQL that `x.indrelid` is the users' table.
    ///
    /// Each session asks this first, so it is written to be planned quickly: each table of the catalogue costs a quarter of a
    /// millisecond, and the expression's text (`pg_get_expr`) a whole one.
    package static func isThere(_ table: Statement) -> Statement { exists(table, "true") }

    /// The same where the index has everybody: of whoever has a NULL for a name or address it knows nothing, so where there
    /// may be such people the whole table is read.
    /// Since version 18 of the server a column may be NOT NULL for new rows alone (NOT VALID).
    package static func hasEverybody(_ table: Statement, server: Int) -> Statement {
        let isForAllRows: Statement =
            server < 180_000
            ? "true"
            : "NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = x.indrelid AND k.contype = 'n' AND NOT k.convalidated)"
        return exists(
            table,
            """
            (SELECT count(*) = 4 FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnotnull \
            AND a.attname IN ('email', 'username', 'first_name', 'last_name')) AND \(isForAllRows)
            """)
    }

    private static func exists(_ table: Statement, _ condition: Statement) -> Statement {
        """
        EXISTS (SELECT FROM pg_class c WHERE c.relname = '\(Statement(trusted: name))' AND (\
        SELECT x.indisvalid AND \(table) AND x.indpred IS NULL AND x.indnatts = 1 \
        AND (SELECT a.object_names[3] = 'array_ops' \
        FROM pg_identify_object_as_address('pg_opclass'::regclass, x.indclass[0], 0) a) \
        AND \(Statement(trusted: SearchFold.isInForce(in: "x.indexprs::text"))) AND \(condition) \
        FROM pg_index x WHERE x.indexrelid = c.oid))
        """
    }

    /// That `x.indrelid` is the table for which what is installed as `i` was installed.
    package static let isOnInstalled: Statement = """
        (SELECT concat('"', replace(a.object_names[1], '"', '""'), '"."', replace(a.object_names[2], '"', '""'), '"') \
        FROM pg_identify_object_as_address('pg_class'::regclass, x.indrelid, 0) a) = i.users_table
        """
}
