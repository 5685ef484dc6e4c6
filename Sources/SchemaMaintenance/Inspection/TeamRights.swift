import ConvonetDatabase
import PostgresClient

/// Rights on the application's teams that are not as they should be, and that only somebody else can set right.
enum TeamRights {
    /// What to run as whoever owns the teams, and who that is; nil where the current user may, or nothing is to do.
    static func toBeGranted(
        _ connection: PostgresConnection, _ users: QualifiedName, _ roles: RoleNames
    ) async throws -> (statements: String, owner: String)? {
        let rows = try await connection.query(
            """
            WITH held AS (
                SELECT c.oid, r.rolname FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
                WHERE a.privilege_type = 'SELECT' AND r.rolname IN (\(roles.hand), \(roles.reader)))
            SELECT concat_ws(' ',
                       CASE WHEN NOT h.reader THEN format('GRANT SELECT ON %I.%I TO %I;', n.nspname, c.relname, \(roles.reader)::text) END,
                       CASE WHEN h.hand THEN format('REVOKE ALL ON %I.%I FROM %I;', n.nspname, c.relname, \(roles.hand)::text) END),
                   pg_get_userbyid(c.relowner)::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM held WHERE held.oid = c.oid AND held.rolname = \(roles.reader)) AS reader,
                                       EXISTS (SELECT FROM held WHERE held.oid = c.oid AND held.rolname = \(roles.hand)) AS hand) AS h
            WHERE c.oid IN (\(users.teams.catalogued), \(users.memberships.catalogued))
              AND NOT pg_has_role(current_user, c.relowner, 'USAGE') AND (h.hand OR NOT h.reader)
            ORDER BY c.relname
            """, limit: .seconds(30))
        guard let first = rows.first else { return nil }
        return (try rows.map { try $0.text(0) }.joined(separator: " "), try first.text(1))
    }
}
