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

    /// The tables that are read before anything else is known.
    private static let tables = ["installation", "policy", "as_installed", "audit_event", "audit_head"]

    static func look(_ connection: PostgresConnection) async throws -> SchemaTrust {
        let rows = try await connection.query(statement, limit: .seconds(30))
        guard let row = rows.first else { return .absent }
        let (owner, odd, foreign) = (try row.text(0), try row.texts(1), try row.texts(2))
        if let first = odd.first {
            return .notOurs("convonet_admin.\(first) is not a plain table of this program's")
        }
        if let first = foreign.first {
            return .notOurs("convonet_admin.\(first) does not belong to the schema's owner, \(owner)")
        }
        if try row.bool(4) { return .notOurs("it belongs to \(owner), who can sign in and is not you") }
        return try row.bool(3) ? .present(owner: owner) : .absent
    }

    /// One row where the schema exists: its owner; which of our tables are something else; which of them are another's;
    /// whether the installation is there; whether it belongs to somebody who can sign in, and whom the current user is not.
    private static let statement: Statement = """
        SELECT pg_get_userbyid(n.nspowner)::text,
               ARRAY(SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = ANY (\(tables))
                     AND (c.relkind <> 'r' OR c.relhasrules OR c.relhassubclass
                          OR EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = c.oid) OR EXISTS (
                         SELECT FROM pg_index x JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
                         WHERE x.indrelid = c.oid AND d.refclassid = 'pg_proc'::regclass))),
               ARRAY(SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = ANY (\(tables))
                     AND c.relowner <> n.nspowner),
               EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'installation'),
               (SELECT r.rolcanlogin AND NOT r.rolsuper FROM pg_roles r WHERE r.oid = n.nspowner)
                   AND n.nspowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
                   AND (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
        FROM pg_namespace n WHERE n.nspname = 'convonet_admin'
        """
}
