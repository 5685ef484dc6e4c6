import PostgresClient

/// What somebody made on top of our views and functions, and keeps `migrate` from making these anew.
enum Dependents {
    /// What there is, and what to do about it; nil where nothing is found.
    static func text(_ database: Database) async -> String? {
        guard let rows = try? await database.query(statement, for: .migrate), let found = try? rows.map(Dependent.init),
            !found.isEmpty
        else { return nil }
        let lasting = found.contains { !$0.isTemporary }
        let sessions = found.filter(\.isTemporary).map(\.sessions).filter { !$0.isEmpty }
        return "These depend on what migrate removes or replaces: "
            + found.prefix(20).map(\.name).joined(separator: "; ") + ". Nothing was changed."
            + (lasting
                ? " Find out who created them and why. Drop them, and create again afterwards those that are needed."
                : "")
            + (found.contains(where: \.isTemporary)
                ? " What is temporary ends with its session"
                    + (sessions.isEmpty ? "" : ": \(sessions.joined(separator: "; "))")
                    + ". To end one, as that user or a superuser: SELECT pg_terminate_backend(PROCESS);" : "")
            + " Then run migrate again."
    }

    private struct Dependent {
        var name: String
        var isTemporary: Bool
        /// The sessions that a temporary one can belong to, in words.
        var sessions: String

        init(_ row: Row) throws {
            let owner = try row.optional(1, row.text)
            let pids = try row.texts(3)
            isTemporary = try row.bool(2)
            name = (isTemporary ? "temporary " : "") + (try row.text(0)) + (owner.map { " of \($0)" } ?? "")
            sessions = isTemporary && !pids.isEmpty ? "of \(owner ?? "") there are \(pids.joined(separator: ", "))" : ""
        }
    }

    /// Views are described by themselves, not by the rule in them that the catalogue names.
    private static let statement: Statement = """
        WITH n AS (SELECT s.oid FROM pg_namespace s WHERE s.nspname = 'convonet_admin'),
        ours AS (
            SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid FROM pg_class c, n
            WHERE c.relnamespace = n.oid AND c.relname = ANY (\(SchemaScript.viewsOfTables))
            UNION ALL SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p, n
            WHERE p.pronamespace = n.oid AND p.proname NOT IN ('refuse_change', 'check_head', 'note_direct_change')),
        found AS (
            SELECT DISTINCT coalesce(c.tableoid, d.classid) AS classid, coalesce(c.oid, d.objid) AS objid,
                   CASE WHEN c.oid IS NULL THEN d.objsubid ELSE 0 END AS objsubid, c.relowner, c.relnamespace
            FROM pg_depend d JOIN ours o ON (d.refclassid, d.refobjid) = (o.classid, o.objid)
            LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
            LEFT JOIN pg_class c ON c.oid = w.ev_class
            WHERE d.deptype IN ('n', 'a') AND (c.oid IS NULL OR c.oid NOT IN (SELECT o.objid FROM ours o)))
        SELECT pg_describe_object(f.classid, f.objid, f.objsubid), pg_get_userbyid(f.relowner)::text,
               coalesce(s.nspname LIKE 'pg\\_temp\\_%', false),
               ARRAY(SELECT a.pid::text FROM pg_stat_activity a
                     WHERE a.usesysid = f.relowner AND a.datname = current_database() AND a.pid <> pg_backend_pid() ORDER BY a.pid)
        FROM found f LEFT JOIN pg_namespace s ON s.oid = f.relnamespace ORDER BY 1
        """
}
