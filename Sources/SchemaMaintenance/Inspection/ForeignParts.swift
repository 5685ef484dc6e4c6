import ConvonetDatabase
import PostgresClient

/// What the users' table, or what lies beside it, is made of and belongs neither to the users' table's owner nor to a superuser: its
/// owner can have code of theirs run where we read.
struct ForeignParts {
    /// What it is and whose, in words.
    let part: String
    let owner: String
    /// Whether that role may read all of the users' table by a right of its own.
    let readsPeople: Bool

    static func inspect(
        _ connection: PostgresConnection, of name: QualifiedName, beside users: QualifiedName
    ) async throws -> [ForeignParts] {
        try await connection.query(
            """
            \(TableParts.walk(from: name)),
            owned AS (
                SELECT p.class, p.id, CASE p.class
                    WHEN 'pg_class'::regclass THEN (SELECT c.relowner FROM pg_class c WHERE c.oid = p.id)
                    WHEN 'pg_proc'::regclass THEN (SELECT c.proowner FROM pg_proc c WHERE c.oid = p.id)
                    WHEN 'pg_operator'::regclass THEN (SELECT c.oprowner FROM pg_operator c WHERE c.oid = p.id)
                    ELSE (SELECT c.typowner FROM pg_type c WHERE c.oid = p.id) END AS owner
                FROM part p)
            SELECT pg_describe_object(o.class, o.id, 0), r.rolname::text, has_table_privilege(r.oid, \(users.catalogued), 'SELECT')
            FROM owned o JOIN pg_roles r ON r.oid = o.owner
            WHERE NOT r.rolsuper AND o.id <> \(name.catalogued)
              AND r.oid IS DISTINCT FROM (SELECT u.relowner FROM pg_class u WHERE u.oid = \(users.catalogued))
              -- Our own trigger, and what it rests on.
              AND NOT EXISTS (SELECT FROM pg_roles s JOIN pg_namespace n ON n.nspowner = s.oid
                              WHERE n.nspname = 'convonet_admin' AND s.oid = o.owner)
            ORDER BY 1
            """, limit: .seconds(10)
        ).map { row in
            ForeignParts(part: try row.text(0), owner: try row.text(1), readsPeople: try row.bool(2))
        }
    }
}
