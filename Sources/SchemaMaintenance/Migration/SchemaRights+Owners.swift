import ConvonetDatabase

extension SchemaRights {
    /// Gives everything its owner, where it is another's; for whoever may. Who has some of it may make such for now; `owner` has the
    /// rest.
    static func giveOwnership(to owner: String, but holdings: [(SchemaHolding, to: String)]) -> String {
        let owner = QualifiedName.literal(owner)
        func whose(_ name: String, _ names: (SchemaHolding) -> [String]) -> String {
            let cases = holdings.map { holding, role in
                "WHEN \(name) IN (\(names(holding).map(QualifiedName.literal).joined(separator: ", "))) THEN \(QualifiedName.literal(role))"
            }
            return "CASE \(cases.joined(separator: " ")) ELSE \(owner) END"
        }
        return """
            DO $$
            DECLARE
                statement text;
            BEGIN
                FOR statement IN
                    SELECT format('ALTER %s %s OWNER TO %I', o.kind, o.name, o.owner)
                    FROM (SELECT 'SCHEMA', 'convonet_admin', n.nspowner, \(owner) FROM pg_namespace n
                          WHERE n.nspname = 'convonet_admin'
                          UNION ALL
                          SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
                                 c.oid::regclass::text, c.relowner,
                                 CASE c.relkind WHEN 'v' THEN \(whose("c.relname", \.viewNames)) ELSE \(owner) END
                          FROM pg_class c
                          WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'S', 'v', 'c')
                              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                              AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))
                          UNION ALL
                          SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner,
                                 \(whose("p.proname", \.functionNames))
                          FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
                         ) AS o (kind, name, held_by, owner)
                    WHERE pg_get_userbyid(o.held_by) <> o.owner
                LOOP
                    EXECUTE statement;
                END LOOP;
            END
            $$;
            """
    }

    /// Gives the current role what it lacks of the rights on what it owns here: without, it can replace nothing.
    static let giveBack = """
        DO $$
        DECLARE
            statement text;
        BEGIN
            FOR statement IN
                SELECT format('GRANT ALL ON %s %s TO CURRENT_USER', o.kind, o.name)
                FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                             CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relacl
                      FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
                      UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, 'f', p.proacl
                      FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
                      UNION ALL SELECT 'TYPE', t.oid::regtype::text, t.typowner, 'T', t.typacl
                      FROM pg_type t WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c'
                     ) AS o (kind, name, owner, code, acl)
                WHERE o.owner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) AND EXISTS (
                    SELECT FROM aclexplode(acldefault(o.code::"char", o.owner)) a
                    WHERE o.acl IS NOT NULL AND a.grantee = o.owner AND NOT EXISTS (
                        SELECT FROM aclexplode(o.acl) h WHERE (h.grantee, h.privilege_type) = (a.grantee, a.privilege_type)))
            LOOP
                EXECUTE statement;
            END LOOP;
        END
        $$;
        """
}
