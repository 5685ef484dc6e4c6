import ConvonetDatabase
import PostgresClient

/// What somebody else owns in our schema, which whoever migrates can neither take over nor drop.
enum PlantedObjects {
    /// What there is, and what to do about it; nil where nothing is found.
    static func text(_ database: Database) async -> String? {
        guard let names = try? await database.rows(statement, for: .migrate, { try $0.text(0) }), !names.isEmpty else {
            return nil
        }
        return
            "These are in the schema convonet_admin, and belong to others: \(names.prefix(20).joined(separator: "; ")). Nothing "
            + "was changed. Find out who made them and what for; have each dropped, by whom it belongs to or a superuser, and run "
            + "migrate again."
    }

    /// Ours belong to the schema's owner, and to whom the functions of hand and reader belong to.
    private static let statement: Statement = """
        WITH n AS (SELECT s.oid, s.nspowner FROM pg_namespace s WHERE s.nspname = 'convonet_admin'),
        found (classid, objid, owner) AS (
            SELECT c.tableoid, c.oid, c.relowner FROM pg_class c, n WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'S', 'c')
            UNION ALL SELECT p.tableoid, p.oid, p.proowner FROM pg_proc p, n WHERE p.pronamespace = n.oid)
        SELECT pg_describe_object(f.classid, f.objid, 0) || ' of ' || pg_get_userbyid(f.owner) FROM found f, n
        WHERE f.owner <> n.nspowner AND NOT pg_has_role(current_user, f.owner, 'USAGE')
            AND f.owner NOT IN (SELECT p.proowner FROM pg_proc p, n WHERE p.pronamespace = n.oid AND p.proname IN ('hand_read', 'reader_sees_teams'))
        ORDER BY 1
        """
}
