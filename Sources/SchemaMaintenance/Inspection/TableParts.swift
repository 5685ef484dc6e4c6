import ConvonetDatabase
import PostgresClient

/// What a table or view is made of, as far as the catalogue tells: tables, functions, operators and types, down to the last.
///
/// A view is made of what its rule names; a table of what its policies, triggers, checks, defaults and indexes name, of its columns'
/// types, and of its partitions and children; a domain of its checks, a type of its casts. A function whose body is text names
/// what nobody sees.
enum TableParts {
    /// The recursive query `part (class, id)`, as the beginning of a statement.
    ///
    /// Besides, of the users' table: tables into which its columns that we write are carried by a foreign key, since their triggers run
    /// within our changes.
    static func walk(from name: QualifiedName) -> Statement {
        """
        WITH RECURSIVE part (class, id) AS (
            SELECT 'pg_class'::regclass::oid, \(name.catalogued)::oid
            UNION
            SELECT n.class, n.id
            FROM part p
            CROSS JOIN LATERAL (
                SELECT d.refclassid AS class, d.refobjid AS id
                FROM (SELECT p.class, p.id, false AS names_tables
                      UNION ALL SELECT 'pg_rewrite'::regclass, w.oid, true
                      FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v'
                      WHERE p.class = 'pg_class'::regclass AND w.ev_class = p.id
                      UNION ALL SELECT 'pg_policy'::regclass, o.oid, true FROM pg_policy o
                      WHERE p.class = 'pg_class'::regclass AND o.polrelid = p.id
                      UNION ALL SELECT 'pg_trigger'::regclass, t.oid, false FROM pg_trigger t
                      WHERE p.class = 'pg_class'::regclass AND t.tgrelid = p.id
                      UNION ALL SELECT 'pg_constraint'::regclass, k.oid, false FROM pg_constraint k
                      WHERE p.class = 'pg_class'::regclass AND k.conrelid = p.id
                         OR p.class = 'pg_type'::regclass AND k.contypid = p.id
                      UNION ALL SELECT 'pg_attrdef'::regclass, a.oid, false FROM pg_attrdef a
                      WHERE p.class = 'pg_class'::regclass AND a.adrelid = p.id
                      UNION ALL SELECT 'pg_class'::regclass, x.indexrelid, false FROM pg_index x
                      WHERE p.class = 'pg_class'::regclass AND x.indrelid = p.id
                      UNION ALL SELECT 'pg_cast'::regclass, c.oid, false FROM pg_cast c
                      WHERE p.class = 'pg_type'::regclass AND c.castsource = p.id) AS s
                JOIN pg_depend d ON d.classid = s.class AND d.objid = s.id
                WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
                   OR (s.names_tables OR s.class = 'pg_proc'::regclass) AND d.refclassid = 'pg_class'::regclass
                UNION ALL SELECT 'pg_class'::regclass, h.inhrelid FROM pg_inherits h
                WHERE p.class = 'pg_class'::regclass AND h.inhparent = p.id
                UNION ALL SELECT 'pg_class'::regclass, k.conrelid FROM pg_constraint k
                WHERE p.class = 'pg_class'::regclass AND k.contype = 'f' AND k.confrelid = p.id AND k.confupdtype IN ('c', 'n', 'd')
                  AND (EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)
                               AND a.attname = ANY (\(UsersTableInspection.written)))
                       -- Or on from there.
                       OR EXISTS (SELECT FROM pg_constraint b WHERE b.conrelid = k.confrelid AND b.contype = 'f'
                                  AND b.confupdtype IN ('c', 'n', 'd') AND b.conkey && k.confkey))) AS n)
        """
    }
}
