package import ConvonetDatabase

/// What a view or table beside the users' table is made of and belongs neither to the users' table's owner nor to a superuser.
package enum ForeignParts {
    /// A query with a row for each: what it is, and whose, in words. To be run along pg_catalog alone.
    ///
    /// A view is made of what its rule names, a table with row-level security also of what its policies name: tables, views,
    /// functions, operators and types, down to the last. Of a function it is not known what that names in its turn.
    package static func query(of name: QualifiedName, beside users: QualifiedName) -> String {
        let (found, users) = (QualifiedName.literal(name.quoted), QualifiedName.literal(users.quoted))
        return """
            WITH RECURSIVE part (class, id) AS (
                        SELECT 'pg_class'::regclass::oid, to_regclass(\(found))::oid
                        UNION
                        SELECT d.refclassid, d.refobjid
                        FROM part p
                        CROSS JOIN LATERAL (
                            SELECT 'pg_rewrite'::regclass::oid AS class, w.oid AS id
                            FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' WHERE w.ev_class = p.id
                            UNION ALL
                            SELECT 'pg_policy'::regclass::oid, o.oid FROM pg_policy o WHERE o.polrelid = p.id) AS s
                        JOIN pg_depend d ON d.classid = s.class AND d.objid = s.id
                        WHERE p.class = 'pg_class'::regclass AND d.refclassid IN (
                            'pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)),
                    owned AS (
                        SELECT p.class, p.id, CASE p.class
                            WHEN 'pg_class'::regclass THEN (SELECT c.relowner FROM pg_class c WHERE c.oid = p.id)
                            WHEN 'pg_proc'::regclass THEN (SELECT c.proowner FROM pg_proc c WHERE c.oid = p.id)
                            WHEN 'pg_operator'::regclass THEN (SELECT c.oprowner FROM pg_operator c WHERE c.oid = p.id)
                            ELSE (SELECT c.typowner FROM pg_type c WHERE c.oid = p.id) END AS owner
                        FROM part p WHERE p.id IS NOT NULL)
                    SELECT pg_describe_object(o.class, o.id, 0) AS part, r.rolname::text AS owner
                    FROM owned o JOIN pg_roles r ON r.oid = o.owner
                    WHERE NOT r.rolsuper
                      AND r.oid IS DISTINCT FROM (SELECT u.relowner FROM pg_class u WHERE u.oid = to_regclass(\(users)))
            """
    }
}
