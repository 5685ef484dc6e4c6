import PostgresClient

/// Whether what stands under our schema's name may be read: pg_catalog is asked before anything in the schema is.
///
/// Somebody could have put a view over a function of theirs in the place of one of our tables. A plain table without rules,
/// policies, children and expressions in its indexes runs nobody's code when it is read.
enum SchemaTrust: Equatable, Sendable {
    /// There is no schema of that name, or nothing in it that `migrate` made.
    case absent
    /// It is not what `migrate` makes; the reason is a sentence.
    case notOurs(String)
    /// It is, and belongs to this role.
    case present(owner: String)

    static func look(_ connection: PostgresConnection) async throws -> SchemaTrust {
        let rows = try await connection.query(statement, limit: .seconds(30))
        guard let row = rows.first else { return .absent }
        let (owner, odd, foreign) = (try row.text(0), try row.texts(1), try row.texts(2))
        if let first = odd.first { return .notOurs("\(first) was not made by this program") }
        if let first = foreign.first {
            return .notOurs("convonet_admin.\(first) does not belong to the schema's owner, \(owner)")
        }
        if try row.bool(4) { return .notOurs("it belongs to \(owner), another user who can sign in") }
        return try row.bool(3) ? .present(owner: owner) : .absent
    }

    /// One row where the schema exists: its owner; what in it runs somebody's code, or is of a kind that we do not make; which
    /// of the tables that are read first are another's; whether the installation is there; whether it belongs to somebody
    /// who can sign in, and whom the current user is not.
    ///
    /// The triggers that we make, and no other, are on the two tables of the log (58: before UPDATE, DELETE or TRUNCATE, 42:
    /// before DELETE or TRUNCATE, 19: before UPDATE of each row; pg_trigger.h), and columns have the server's own types. Neither our checks nor our defaults nor our
    /// indexes call a function that did not come with the server: such a call is a dependency in the catalogue.
    private static let statement: Statement = """
        WITH n AS (SELECT s.oid, s.nspowner FROM pg_namespace s WHERE s.nspname = 'convonet_admin'),
        c AS (SELECT r.* FROM pg_class r, n WHERE r.relnamespace = n.oid)
        SELECT pg_get_userbyid(n.nspowner)::text,
               ARRAY(SELECT 'convonet_admin.' || c.relname FROM c
                     WHERE c.relkind NOT IN ('r', 'v', 'S', 'i', 'c', 't')
                     OR c.relname = ANY (\(["installation", "policy", "as_installed", "audit_event", "audit_head"]))
                        AND c.relkind <> 'r'
                     UNION ALL SELECT 'the rule ' || w.rulename || ' of ' || c.relname FROM pg_rewrite w
                     JOIN c ON c.oid = w.ev_class WHERE c.relkind <> 'v' OR w.rulename <> '_RETURN'
                     UNION ALL SELECT 'the policy ' || y.polname FROM pg_policy y JOIN c ON c.oid = y.polrelid
                     UNION ALL SELECT 'the inheritance of ' || c.relname FROM pg_inherits h
                     JOIN c ON c.oid IN (h.inhrelid, h.inhparent) WHERE c.relkind = 'r'
                     UNION ALL SELECT 'the trigger ' || t.tgname FROM pg_trigger t JOIN c ON c.oid = t.tgrelid
                     JOIN pg_proc p ON p.oid = t.tgfoid JOIN n ON true
                     WHERE NOT t.tgisinternal AND ((c.relname, t.tgname, p.proname, t.tgtype) NOT IN
                         (('audit_event', 'append_only', 'refuse_change', 58), ('audit_head', 'append_only', 'refuse_change', 42),
                          ('audit_head', 'moves_on', 'check_head', 19))
                         OR p.pronamespace <> n.oid OR t.tgqual IS NOT NULL OR t.tgnargs <> 0)
                     UNION ALL SELECT 'the type of ' || c.relname || '.' || a.attname FROM pg_attribute a
                     JOIN c ON c.oid = a.attrelid JOIN pg_type y ON y.oid = a.atttypid
                     JOIN pg_type e ON e.oid = CASE WHEN y.typelem <> 0 AND y.typlen = -1 THEN y.typelem ELSE y.oid END
                     JOIN n ON true
                     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'c')
                         AND (y.typtype = 'd' OR e.typtype = 'd'
                              OR e.typnamespace NOT IN ('pg_catalog'::regnamespace, n.oid))
                     UNION ALL SELECT 'a function in a check of ' || c.relname FROM pg_constraint k JOIN c ON c.oid = k.conrelid
                     JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                     WHERE d.refclassid = 'pg_proc'::regclass
                     UNION ALL SELECT 'a function in a default of ' || c.relname FROM pg_attrdef f JOIN c ON c.oid = f.adrelid
                     JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                     WHERE d.refclassid = 'pg_proc'::regclass
                     UNION ALL SELECT 'a function in an index of ' || c.relname FROM pg_index x JOIN c ON c.oid = x.indrelid
                     JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
                     WHERE d.refclassid = 'pg_proc'::regclass),
               ARRAY(SELECT c.relname::text FROM c
                     WHERE c.relname = ANY (\(["installation", "policy", "as_installed", "audit_event", "audit_head"]))
                     AND c.relowner <> n.nspowner),
               EXISTS (SELECT FROM c WHERE c.relname = 'installation'),
               (SELECT r.rolcanlogin AND NOT r.rolsuper FROM pg_roles r WHERE r.oid = n.nspowner)
                   AND n.nspowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
                   AND (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
        FROM n
        """
}
