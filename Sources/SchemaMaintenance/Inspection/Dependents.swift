import ConvonetDatabase
import ConvonetSchema
import PostgresClient

/// What somebody made on top of what is ours, and keeps `migrate` from dropping it. Nothing of anybody else's is dropped along.
enum Dependents {
    /// What of ours is to go.
    enum Dropped {
        /// Functions that are not replaced where they stand.
        case functions
        case views
        /// Types and tables, which a step changes.
        case altered
        /// Types, of which somebody else's table has a column: then its rows would have to change as well.
        case columnTypes
        case everything
    }

    /// What there is on the first of these that has something on it, and what to do about it; nil where nothing is found.
    static func text(_ database: Database, on dropped: [Dropped]) async -> String? {
        for dropped in dropped {
            guard let found = try? await database.rows(statement(dropped), for: .migrate, Dependent.init) else {
                return nil
            }
            if let text = text(of: found) { return text }
        }
        return nil
    }

    /// Throws `AdminError.cannotMigrate` where somebody's things would go with the schema.
    static func requireNone(_ connection: PostgresConnection) async throws {
        let found = try await connection.query(statement(.everything), limit: .seconds(30)).map(Dependent.init)
        if let text = text(of: found) { throw AdminError.cannotMigrate(text) }
    }

    private static func text(of found: [Dependent]) -> String? {
        guard !found.isEmpty else { return nil }
        let drops = found.compactMap(\.drop)
        let sessions = found.compactMap(\.sessions)
        return "These depend on what is to be removed or replaced: "
            + found.prefix(20).map(\.name).joined(separator: "; ")
            + (found.count > 20 ? "; and \(found.count - 20) more" : "") + ". Nothing was changed."
            + (drops.isEmpty
                ? ""
                : " Find out what they are for. Drop them, each as its owner or a superuser: "
                    + drops.prefix(20).joined(separator: " ") + " Create again afterwards those that are needed.")
            + (found.contains(where: \.isDeep)
                ? " More rests on the first of these than was looked for: where a DROP is refused, the server names it."
                : "")
            + (found.contains(where: \.isTemporary)
                ? " What is temporary ends with its session"
                    + (sessions.isEmpty ? "" : ": \(Set(sessions).sorted().joined(separator: "; "))")
                    + ". To end one, as that user or a superuser: SELECT pg_terminate_backend(PROCESS);" : "")
            + " Then try again."
    }

    private struct Dependent {
        var name: String
        /// The statement that removes it; nil where the end of its session does.
        var drop: String?
        /// The sessions that a temporary one can belong to, in words.
        var sessions: String?
        var isTemporary: Bool { drop == nil }
        /// Whether what rests on it was not looked for any more.
        var isDeep: Bool

        init(_ row: Row) throws {
            let owner = try row.optional(1, row.text)
            let pids = try row.texts(4)
            isDeep = try row.bool(5)
            drop = try row.bool(2) ? nil : try row.text(3) + ";"
            name = (drop == nil ? "temporary " : "") + (try row.text(0)) + (owner.map { " of \($0)" } ?? "")
            sessions =
                drop != nil || pids.isEmpty ? nil : "of \(owner ?? "") there are \(pids.joined(separator: ", "))"
        }
    }

    private static func ours(_ dropped: Dropped) -> String {
        let schema = "'convonet_admin'"
        let functions =
            "SELECT p.tableoid, p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = \(schema)"
        let relations =
            "SELECT c.tableoid, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = \(schema)"
        let types =
            "SELECT t.tableoid, t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND n.nspname = \(schema)"
        return switch dropped {
        case .functions: "\(functions) WHERE \(FunctionSignature.isNoneOfOurs)"
        case .altered: "\(relations) UNION ALL \(types)"
        case .columnTypes: types
        case .views:
            "\(relations) WHERE c.relname IN (\(SchemaScript.viewsOfTables.map(QualifiedName.literal).joined(separator: ", ")))"
        case .everything: "\(functions) UNION ALL \(relations) UNION ALL \(types)"
        }
    }

    /// The statement that drops what is found, without its semicolon.
    private static let drop = """
        CASE WHEN f.classid = 'pg_attrdef'::regclass
             THEN (SELECT format(CASE a.attgenerated WHEN 's' THEN 'ALTER TABLE %s ALTER COLUMN %I DROP EXPRESSION'
                                                     WHEN 'v' THEN 'ALTER TABLE %s DROP COLUMN %I'
                                                     ELSE 'ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT' END,
                                 a.attrelid::regclass, a.attname)
                   FROM pg_attrdef e JOIN pg_attribute a ON (a.attrelid, a.attnum) = (e.adrelid, e.adnum) WHERE e.oid = f.objid)
             WHEN f.classid = 'pg_constraint'::regclass
             THEN (SELECT format('ALTER %s %s DROP CONSTRAINT %I', CASE k.conrelid WHEN 0 THEN 'DOMAIN' ELSE 'TABLE' END,
                                 CASE k.conrelid WHEN 0 THEN k.contypid::regtype::text ELSE k.conrelid::regclass::text END,
                                 k.conname)
                   FROM pg_constraint k WHERE k.oid = f.objid)
             WHEN f.objsubid > 0
             THEN (SELECT format('ALTER %s %s DROP %s %I', CASE c.relkind WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, c.oid::regclass,
                                 CASE c.relkind WHEN 'c' THEN 'ATTRIBUTE' ELSE 'COLUMN' END, a.attname)
                   FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                   WHERE c.oid = f.objid AND a.attnum = f.objsubid)
             ELSE format('DROP %s %s', upper(replace(i.type, ' object', '')), i.identity) END
        """

    /// What rests on ours, and what rests on that, those first that nothing rests on: name, owner, whether it ends with a session,
    /// what drops it, and the sessions of those who can act as its owner.
    ///
    /// A view is described by itself, not by the rule in it that the catalogue names; another rule is one of its table, which
    /// stays. Nobody
    /// else's is what is in our schema, nor are the triggers that `migrate` makes. Of a type nothing is in the way but columns with
    /// rows, be they of a type that is made of it.
    private static func statement(_ dropped: Dropped) -> Statement {
        let step =
            dropped == .columnTypes
            ? "AND (f.classid <> 'pg_type'::regclass OR s.classid = 'pg_type'::regclass OR s.kind IN ('r', 'm', 'p', 'c'))"
            : ""
        return Statement(
            trusted: """
                WITH RECURSIVE ours (classid, objid) AS (\(ours(dropped))),
                rests AS (
                    SELECT d.refclassid, d.refobjid, d.refobjsubid, d.deptype,
                           CASE WHEN w.oid IS NULL THEN d.classid ELSE w.tableoid END AS classid, coalesce(w.oid, d.objid) AS objid,
                           CASE WHEN w.oid IS NULL THEN d.objsubid ELSE 0 END AS objsubid,
                           coalesce(r.relowner, p.proowner, t.typowner, x.stxowner, o.oprowner) AS owner,
                           coalesce(r.relnamespace, p.pronamespace, t.typnamespace, x.stxnamespace, o.oprnamespace) AS namespace,
                           CASE d.classid WHEN 'pg_class'::regclass THEN r.relkind END AS kind
                    FROM pg_depend d
                    LEFT JOIN pg_rewrite u ON d.classid = 'pg_rewrite'::regclass AND u.oid = d.objid
                    LEFT JOIN pg_class w ON w.oid = u.ev_class AND w.relkind IN ('v', 'm')
                    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
                    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
                    LEFT JOIN pg_policy y ON d.classid = 'pg_policy'::regclass AND y.oid = d.objid
                    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
                    LEFT JOIN pg_class r ON r.oid = coalesce(u.ev_class, f.adrelid, g.tgrelid, y.polrelid, nullif(k.conrelid, 0),
                                                             CASE d.classid WHEN 'pg_class'::regclass THEN d.objid END)
                    LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
                    LEFT JOIN pg_type t ON t.oid = CASE d.classid WHEN 'pg_type'::regclass THEN d.objid
                                                                  WHEN 'pg_constraint'::regclass THEN nullif(k.contypid, 0) END
                    LEFT JOIN pg_statistic_ext x ON d.classid = 'pg_statistic_ext'::regclass AND x.oid = d.objid
                    LEFT JOIN pg_operator o ON d.classid = 'pg_operator'::regclass AND o.oid = d.objid
                    WHERE d.deptype IN ('n', 'a', 'i') AND (g.tgname IN (\(DirectChangeTrigger.names))) IS NOT TRUE),
                found AS (
                    SELECT o.classid, o.objid, 0 AS objsubid, 'o'::"char" AS deptype, NULL::oid AS owner,
                           NULL::oid AS namespace, 0 AS depth FROM ours o
                    UNION SELECT s.classid, s.objid, s.objsubid, s.deptype, s.owner, s.namespace, f.depth + 1
                    FROM rests s JOIN found f ON (s.refclassid, s.refobjid) = (f.classid, f.objid) AND f.objsubid IN (0, s.refobjsubid)
                    LEFT JOIN pg_namespace n ON n.oid = s.namespace
                    WHERE (s.classid, s.objid) <> (f.classid, f.objid) AND coalesce(n.nspname, '') NOT IN ('convonet_admin', 'pg_toast')
                        AND f.depth < 8 \(step))
                SELECT pg_describe_object(f.classid, f.objid, f.objsubid), pg_get_userbyid(f.owner)::text,
                       coalesce(n.nspname LIKE 'pg\\_temp\\_%', false),
                       \(drop),
                       ARRAY(SELECT a.pid::text FROM pg_stat_activity a
                             WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
                                 AND CASE WHEN f.owner IS NOT NULL AND a.usesysid IS NOT NULL
                                          THEN pg_has_role(a.usesysid, f.owner, 'MEMBER') END ORDER BY a.pid),
                       max(f.depth) = 8
                FROM found f LEFT JOIN pg_namespace n ON n.oid = f.namespace
                CROSS JOIN LATERAL pg_identify_object(f.classid, f.objid, f.objsubid) i
                WHERE f.depth > 0 AND f.deptype <> 'i' AND NOT (f.objsubid > 0 AND EXISTS (
                    SELECT FROM found w WHERE (w.classid, w.objid, w.objsubid) = (f.classid, f.objid, 0)))
                GROUP BY f.classid, f.objid, f.objsubid, f.owner, n.nspname, i.type, i.identity
                ORDER BY max(f.depth) DESC, 1
                """)
    }
}
