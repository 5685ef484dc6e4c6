import ConvonetDatabase
import PostgresClient

/// What the users' table, or what lies beside it, is made of and belongs neither to the users' table's owner nor to a superuser: its
/// owner can have code of theirs run where we read.
///
/// A view is made of what its rule names; a table of what its policies, triggers, checks, defaults and indexes name, of its columns'
/// types, and of its partitions and children: down to the last. Of a function it is not known what that names in its turn.
struct ForeignParts {
    /// What it is and whose, in words.
    let part: String
    let owner: String
    /// Whether that role may read all of the users' table by a right of its own.
    let readsPeople: Bool

    static func inspect(
        _ connection: PostgresConnection, of name: QualifiedName, beside users: QualifiedName
    ) async throws -> [ForeignParts] {
        try await connection.query(query(of: name, beside: users), limit: .seconds(10)).map { row in
            ForeignParts(part: try row.text(0), owner: try row.text(1), readsPeople: try row.bool(2))
        }
    }

    private static func query(of name: QualifiedName, beside users: QualifiedName) -> Statement {
        """
        WITH RECURSIVE part (class, id) AS (
            SELECT 'pg_class'::regclass::oid, \(name.catalogued)::oid
            UNION
            SELECT n.class, n.id
            FROM part p
            CROSS JOIN LATERAL (
                SELECT d.refclassid AS class, d.refobjid AS id
                FROM (SELECT 'pg_class'::regclass::oid AS class, p.id, false AS names_tables
                      UNION ALL SELECT 'pg_rewrite'::regclass, w.oid, true
                      FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' WHERE w.ev_class = p.id
                      UNION ALL SELECT 'pg_policy'::regclass, o.oid, true FROM pg_policy o WHERE o.polrelid = p.id
                      UNION ALL SELECT 'pg_trigger'::regclass, t.oid, false FROM pg_trigger t WHERE t.tgrelid = p.id
                      UNION ALL SELECT 'pg_constraint'::regclass, k.oid, false FROM pg_constraint k WHERE k.conrelid = p.id
                      UNION ALL SELECT 'pg_attrdef'::regclass, a.oid, false FROM pg_attrdef a WHERE a.adrelid = p.id
                      UNION ALL SELECT 'pg_class'::regclass, x.indexrelid, false FROM pg_index x WHERE x.indrelid = p.id) AS s
                JOIN pg_depend d ON d.classid = s.class AND d.objid = s.id
                WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
                   OR s.names_tables AND d.refclassid = 'pg_class'::regclass
                UNION ALL SELECT 'pg_class'::regclass, h.inhrelid FROM pg_inherits h WHERE h.inhparent = p.id) AS n
            WHERE p.class = 'pg_class'::regclass),
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
          -- Our own trigger.
          AND NOT EXISTS (SELECT FROM pg_proc f WHERE o.class = 'pg_proc'::regclass AND f.oid = o.id
                          AND f.pronamespace = to_regnamespace('convonet_admin'))
        ORDER BY 1
        """
    }
}
