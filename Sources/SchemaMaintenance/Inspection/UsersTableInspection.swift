import ConvonetDatabase
import PostgresClient

/// The application's table as pg_catalog describes it, and what of it would not do.
struct UsersTableInspection: Equatable, Sendable {
    let name: QualifiedName
    var isThere: Bool
    var missingColumns: [String]
    /// Why the table cannot serve, each a sentence with what would; empty where it can.
    var faults: [String]
    /// Whether the current user owns it, and so may grant on it.
    var mayGrant: Bool
    /// Whether the current user may read and change it.
    var mayUse: Bool
    /// Whether row-level security keeps rows from those who do not own it.
    var hasRowSecurity: Bool
    /// The roles that a policy shows every row to, and lets change them; only where no other policy takes that back.
    var admitted: [String]
    /// Whether its rows are in partitions.
    var isPartitioned = false
    /// Tables that inherit from it and are no partitions: what reads and changes people reads and changes their rows, too, but
    /// neither its triggers nor its unique indexes are theirs.
    var children: [String] = []
    /// Whether an index sees to it that no two people have the same PIN; true of a partitioned table, which cannot have such a one.
    var arePINsUnique = true
    /// Whether the application's tables of teams are there, and belong to whom the users' table belongs to, or to a superuser.
    var areTeamsThere: Bool

    /// Whether row-level security lets this role see and change everybody.
    func admits(_ role: String) -> Bool { !hasRowSecurity || admitted.contains(role) || admitted.contains("public") }

    static func inspect(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> UsersTableInspection {
        let rows = try await connection.query(
            """
            SELECT c.oid IS NOT NULL, coalesce(c.relkind::text, ''),
                   coalesce(c.relkind IN ('r', 'p') AND EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid), false),
                   coalesce(c.relrowsecurity, false), coalesce(c.relforcerowsecurity, false),
                   coalesce(pg_has_role(current_user, c.relowner, 'USAGE'), false),
                   coalesce(has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'UPDATE'), false),
                   (SELECT count(*) = 5 FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
                    JOIN pg_roles o ON o.oid = t.relowner
                    WHERE (t.relowner = c.relowner OR o.rolsuper) AND (
                        t.oid = \(users.memberships.catalogued) AND a.attname IN ('user_id', 'team_id', 'role')
                        OR t.oid = \(users.teams.catalogued) AND a.attname IN ('id', 'name'))),
                   ARRAY(SELECT DISTINCT coalesce(r.rolname::text, 'public')
                         FROM pg_policy p, unnest(p.polroles) AS m (role) LEFT JOIN pg_roles r ON r.oid = m.role
                         WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
                         AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                         AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'
                         AND NOT EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = c.oid AND NOT o.polpermissive)),
                   pg_encoding_to_char((SELECT d.encoding FROM pg_database d WHERE d.datname = current_database())),
                   ARRAY(WITH RECURSIVE below (oid) AS (
                             SELECT h.inhrelid FROM pg_inherits h WHERE h.inhparent = c.oid AND c.relkind = 'r'
                             UNION SELECT h.inhrelid FROM pg_inherits h JOIN below b ON h.inhparent = b.oid)
                         SELECT b.oid::regclass::text FROM below b ORDER BY 1)
            FROM (SELECT \(users.catalogued) AS oid) t LEFT JOIN pg_class c ON c.oid = t.oid
            """, limit: .seconds(30))
        guard let row = rows.first else { throw PostgresError.unexpectedResult("no row about the table") }
        let types = try await columnTypes(connection, users)
        var inspection = UsersTableInspection(
            name: users, isThere: try row.bool(0),
            missingColumns: UsersTable.columns.map(\.name).filter { types[$0] == nil },
            faults: [],
            mayGrant: try row.bool(5), mayUse: try row.bool(6), hasRowSecurity: try row.bool(3),
            admitted: try row.texts(8), areTeamsThere: try row.bool(7))
        inspection.isPartitioned = try row.text(1) == "p"
        inspection.children = try row.texts(10)
        guard inspection.isThere else { return inspection }
        inspection.faults = Self.faults(
            users, kind: try row.text(1), hasRules: try row.bool(2), types: types, encoding: try row.text(9))
        if ["r", "p"].contains(try row.text(1)) {
            if let fault = try await DistributedTable.fault(connection, users) { inspection.faults.append(fault) }
            inspection.faults += try await columnFaults(connection, users)
            inspection.arePINsUnique = try await arePINsUnique(connection, users)
        }
        return inspection
    }

    /// The types by column: of a domain what it is made of, of citext its name where it is a base type, which only a
    /// superuser can make.
    private static func columnTypes(_ connection: PostgresConnection, _ users: QualifiedName) async throws
        -> [String: String]
    {
        let rows = try await connection.query(
            """
            SELECT a.attname::text, CASE WHEN t.typname = 'citext' AND t.typtype = 'b'
                   THEN 'citext' ELSE format_type(t.oid, NULL) END
            FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
            WHERE a.attrelid = \(users.catalogued) AND a.attnum > 0 AND NOT a.attisdropped
            """, limit: .seconds(30))
        var types: [String: String] = [:]
        for row in rows { types[try row.text(0)] = try row.text(1) }
        return types
    }

    private static func faults(
        _ users: QualifiedName, kind: String, hasRules: Bool, types: [String: String], encoding: String
    ) -> [String] {
        var faults: [String] = []
        if encoding != "UTF8" {
            faults.append(
                "The database's encoding is \(encoding). Names, search and the log need UTF8: move the application to a "
                    + "database created with ENCODING 'UTF8'.")
        }
        if kind != "r", kind != "p" {
            faults.append(
                "\(users) is \(kindNames[kind] ?? "not a table"). Set users_table to the table, or partitioned table, behind "
                    + "it.")
        }
        if hasRules {
            faults.append(
                "\(users) has rules (CREATE RULE), which rewrite queries. Drop them; use a trigger instead.")
        }
        for (name, allowed) in UsersTable.columns {
            guard let type = types[name], !allowed.contains(type) else { continue }
            faults.append(
                "The column \(name) of \(users) has the type \(type). It must be \(allowed.joined(separator: " or "))."
            )
        }
        return faults
    }

    private static let kindNames = [
        "v": "a view", "m": "a materialized view", "f": "a foreign table", "c": "a composite type", "S": "a sequence",
    ]
}
