import ConvonetDatabase
import PostgresClient

extension SchemaInspection.RoleInspection {
    /// Those of our roles that exist in this cluster.
    static func inspect(_ connection: PostgresConnection, _ roles: RoleNames) async throws -> [Self] {
        // Before PostgreSQL 16 CREATEROLE reaches every role but superusers; since then only those that one has ADMIN of,
        // and membership says apart whether it can be used (SET) and whether its rights are had at once (INHERIT).
        let isOld = "current_setting('server_version_num')::integer < 160000"
        let counts = SchemaTrust.usable("b")
        let rows = try await connection.query(
            """
            SELECT r.rolname::text,
                   me.rolsuper OR pg_has_role(me.oid, r.oid, 'MEMBER') AND \(Statement(trusted: isOld))
                       OR \(Statement(trusted: isOld)) AND me.rolcreaterole AND NOT r.rolsuper
                       OR EXISTS (SELECT FROM pg_auth_members b WHERE b.roleid = r.oid AND b.admin_option
                                  AND pg_has_role(me.oid, b.member, 'USAGE')),
                   array_remove(ARRAY[CASE WHEN r.rolcanlogin THEN 'LOGIN' END, CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
                       CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                       CASE WHEN r.rolreplication THEN 'REPLICATION' END,
                       CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL),
                   ARRAY(SELECT DISTINCT m.rolname::text FROM pg_auth_members b JOIN pg_roles m ON m.oid = b.member
                         WHERE b.roleid = r.oid AND \(Statement(trusted: counts))
                         AND (r.rolname, m.rolname) IS DISTINCT FROM (\(roles.name(.viewer)), \(roles.name(.operator)))),
                   ARRAY(SELECT DISTINCT m.rolname::text FROM pg_auth_members b JOIN pg_roles m ON m.oid = b.roleid
                         WHERE b.member = r.oid AND \(Statement(trusted: counts))
                         AND (m.rolname, r.rolname) IS DISTINCT FROM (\(roles.name(.viewer)), \(roles.name(.operator)))),
                   ARRAY(SELECT DISTINCT d.datname::text FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid
                         WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
                         AND NOT pg_has_role(me.oid, d.datdba, 'USAGE') ORDER BY 1)
            FROM pg_roles r, pg_roles me
            WHERE r.rolname = ANY (\(roles.all)) AND me.rolname = current_user ORDER BY 1
            """, limit: .seconds(30))
        return try rows.map { row in
            Self(
                name: try row.text(0), isWithinReach: try row.bool(1), attributes: try row.texts(2),
                members: try row.texts(3), memberships: try row.texts(4), foreignDatabases: try row.texts(5))
        }
    }
}
