import ConvonetDatabase
import ConvonetSchema
import PostgresClient

/// What the catalogue says of an installation, a line for each thing that has to be as it was made: owners, rights, which tables
/// the views read, and everything's definition as the server gives it.
///
/// `migrate` writes the lines down; what differs from them later was changed by somebody else. Whoever has been the owner could
/// have written that down too, so what holds data is compared with the program's own list (`TableDefinitions`), and
/// `migrate --rebuild` makes the rest anew without looking. Settings of our roles (ALTER ROLE … SET) are not among the lines:
/// they hold where a role signs in, and none of ours can.
enum InstalledState {
    /// The lines as they are now. Names of roles and tables are looked up anew, so that a table that was renamed away, or a
    /// role that a restore left out, is a difference.
    static func lines(users: QualifiedName, roles: RoleNames?) -> Statement {
        Statement(
            trusted: """
                SELECT l.line FROM (\(schema) UNION ALL \(relations) UNION ALL \(rights) UNION ALL \(definitions)
                UNION ALL \(DirectChangeTrigger.line(on: users)) UNION ALL \(viewedTables)
                UNION ALL \(onTables(users, roles))) AS l (line)
                """)
    }

    /// Replaces what was written down by what is there; the tables too, which programs of version 5 look for there.
    static func record(users: QualifiedName, roles: RoleNames?) -> String {
        """
        DELETE FROM convonet_admin.as_installed;
        INSERT INTO convonet_admin.as_installed (line) \(lines(users: users, roles: roles).sql) UNION ALL \(tables);
        """
    }

    /// One thing that is not as it was made.
    struct Difference: Equatable, Sendable {
        /// Whether it is gone, or otherwise now; else it is there and should not be.
        var isMissing: Bool
        /// What the catalogue said of it, or says now.
        var line: String
        /// Whether `migrate` leaves it as it is: it makes no table anew.
        var isOfTable: Bool { line.hasPrefix("in ") }
        /// The table or sequence that the line is about as a whole, and whose it is; nil where it is about something else.
        var relation: (name: String, owner: String)? {
            guard let match = line.firstMatch(of: #/^(?:table|sequence) (.+): owner ([^,]+)/#) else { return nil }
            return (String(match.1), String(match.2))
        }
    }

    /// What is missing, and what is there that should not be.
    static func differences(
        users: QualifiedName, roles: RoleNames?, _ connection: PostgresConnection, _ schema: SchemaReading
    ) async throws -> [Difference] {
        try schema.require(["as_installed"])
        let found = try await differences(
            of: "\(Statement(trusted: tables)) UNION ALL \(lines(users: users, roles: roles))",
            from: """
                \(TableDefinitions.statement)
                UNION ALL SELECT i.line FROM convonet_admin.as_installed i WHERE i.line NOT LIKE 'in %'
                """, connection)
        // Another version of the server writes the same otherwise: then only that can be said.
        let isUpgraded = found.contains { isServerVersion($0.line) }
        let others = found.filter {
            !$0.isOfTable && (!isUpgraded || isServerVersion($0.line) || !isDefinition($0.line))
        }
        return found.filter(\.isOfTable) + others
    }

    /// Of the tables of the schema's owner alone: once all was made, whatever was there before.
    static func differencesOfOwnTables(_ connection: PostgresConnection) async throws -> [Difference] {
        try await differences(
            of: """
                SELECT t.line FROM (\(Statement(trusted: tables))) AS t (line) WHERE NOT EXISTS (
                    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'convonet_admin' AND c.relowner <> n.nspowner
                        AND starts_with(t.line, format('in %s: ', c.relname)))
                """, from: TableDefinitions.statement, connection)
    }

    private static func differences(
        of now: Statement, from made: Statement, _ connection: PostgresConnection
    ) async throws -> [Difference] {
        try await connection.query(
            """
            WITH now (line) AS (\(now)), made (line) AS (\(made))
            SELECT true, line FROM (SELECT line FROM made EXCEPT ALL SELECT line FROM now) m
            UNION ALL SELECT false, line FROM (SELECT line FROM now EXCEPT ALL SELECT line FROM made) n
            ORDER BY 2, 1
            """, limit: .seconds(30)
        ).map { Difference(isMissing: try $0.bool(0), line: try $0.text(1)) }
    }

    private static let schema = """
        SELECT format('schema convonet_admin: owner %s', pg_get_userbyid(n.nspowner))
        FROM pg_namespace n WHERE n.nspname = 'convonet_admin'
        """

    private static let relations = """
        SELECT format('%s %s: owner %s%s%s%s', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view'
                      WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' ELSE 'relation of kind ' || c.relkind::text END, c.relname,
                      pg_get_userbyid(c.relowner), CASE WHEN c.relrowsecurity THEN ', row-level security' END,
                      CASE WHEN c.relforcerowsecurity THEN ', row-level security for its owner, too' END,
                      CASE WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid)
                           THEN ', rules' END)
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind NOT IN ('i', 't')
        UNION ALL SELECT format('table %s: option %s%s', c.relname, CASE o.oid WHEN c.reltoastrelid THEN 'toast.' END, option)
        FROM pg_class c JOIN pg_class o ON o.oid IN (c.oid, c.reltoastrelid), unnest(o.reloptions) option
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
        """

    /// What can be given rights, and is so far.
    private static let holders = """
        SELECT 'schema convonet_admin', 'n', n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = 'convonet_admin'
        UNION ALL SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname),
                         CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relowner, c.relacl
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind NOT IN ('i', 'c', 't')
        UNION ALL SELECT format('column %s.%s', c.relname, t.attname), 'c', c.relowner, t.attacl
        FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND t.attacl IS NOT NULL
        UNION ALL SELECT format('function %s', p.oid::regprocedure), 'f', p.proowner, p.proacl
        FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
        UNION ALL SELECT format('type %s', c.relname), 'T', t.typowner, t.typacl
        FROM pg_class c JOIN pg_type t ON t.oid = c.reltype
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'c'
        """

    /// Everybody's rights but the owner's; of those, what is missing, for then our own functions fail.
    private static let rights = """
        SELECT format('%s: %s to %s%s', g.name, a.privilege_type,
                      CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee)::text END,
                      CASE WHEN a.is_grantable THEN ', to pass on' END)
        FROM (\(holders)) AS g (name, kind, owner, acl)
        CROSS JOIN LATERAL aclexplode(coalesce(g.acl, acldefault(g.kind::"char", g.owner))) a WHERE a.grantee <> g.owner
        UNION ALL SELECT format('%s: no %s to its owner', g.name, a.privilege_type)
        FROM (\(holders)) AS g (name, kind, owner, acl) CROSS JOIN LATERAL aclexplode(acldefault(g.kind::"char", g.owner)) a
        WHERE g.acl IS NOT NULL AND a.grantee = g.owner AND NOT EXISTS (
            SELECT FROM aclexplode(g.acl) h WHERE (h.grantee, h.privilege_type) = (a.grantee, a.privilege_type))
        """

    private static let viewedTables = """
        SELECT DISTINCT format('view %s reads %s.%s', v.relname, n.nspname, c.relname)
        FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
        JOIN pg_class c ON c.oid = d.refobjid AND c.oid <> v.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE v.relnamespace = 'convonet_admin'::regnamespace
        """

    /// The rights that our roles hold on the application's tables. Without roles the one user has them anyway.
    private static func onTables(_ users: QualifiedName, _ roles: RoleNames?) -> String {
        guard let roles else { return "SELECT NULL WHERE false" }
        let owning = roles.owning.map(QualifiedName.literal).joined(separator: ", ")
        let names = [users, users.teams, users.memberships].map {
            "(\(QualifiedName.literal($0.schema)), \(QualifiedName.literal($0.table)))"
        }.joined(separator: ", ")
        return """
            SELECT format('%s.%s%s: %s to %s', n.nspname, c.relname, g.attname, a.privilege_type, pg_get_userbyid(a.grantee))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (SELECT '' AS attname, c.relacl AS acl
                                UNION ALL SELECT '.' || t.attname, t.attacl FROM pg_attribute t
                                WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL AND NOT t.attisdropped) g
            CROSS JOIN LATERAL aclexplode(g.acl) a
            WHERE (n.nspname, c.relname) IN (\(names))
                AND a.grantee IN (SELECT r.oid FROM pg_roles r WHERE r.rolname IN (\(owning)))
            """
    }
}
