import ConvonetDatabase
import PostgresClient

extension SchemaInspection.RoleInspection {
    /// Those of our roles that exist in this cluster.
    static func inspect(_ connection: PostgresConnection, _ roles: RoleNames) async throws -> [Self] {
        let rows = try await connection.query(
            """
            SELECT r.rolname::text,
                   \(Statement(trusted: OwnerAccess.isWithinReach)),
                   array_remove(ARRAY[CASE WHEN r.rolcanlogin THEN 'LOGIN' END, CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
                       CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                       CASE WHEN r.rolreplication THEN 'REPLICATION' END,
                       CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL),
                   \(memberships(of: "roleid", other: "member", roles)), \(memberships(of: "member", other: "roleid", roles)),
                   ARRAY(SELECT DISTINCT d.datname::text FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid
                         WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
                         AND NOT pg_has_role(me.oid, d.datdba, 'USAGE') ORDER BY 1)
            FROM pg_roles r, pg_roles me
            WHERE r.rolname = ANY (\(roles.all)) AND me.rolname = current_user ORDER BY 1
            """, limit: .seconds(30))
        return try rows.map { row in
            Self(
                name: try row.text(0), isWithinReach: try row.bool(1), attributes: try row.texts(2),
                members: try memberships(row, at: 3), memberships: try memberships(row, at: 6),
                foreignDatabases: try row.texts(9))
        }
    }

    /// Three arrays: the other roles of the memberships that count, how each is ended, and whether the current user may do that.
    private static func memberships(of own: String, other: String, _ roles: RoleNames) -> Statement {
        let arrays = ["m.rolname::text", SchemaTrust.revocation("b"), "\(isRevocable)::text"].map {
            (value) -> Statement in
            """
            ARRAY(SELECT \(Statement(trusted: value)) FROM pg_auth_members b
                  JOIN pg_roles m ON m.oid = \(Statement(trusted: "b.\(other) WHERE b.\(own) = r.oid"))
                  AND \(Statement(trusted: SchemaTrust.usable("b")))
                  AND NOT (pg_get_userbyid(b.roleid), pg_get_userbyid(b.member)) = (\(roles.name(.viewer)), \(roles.name(.operator)))
                  ORDER BY m.rolname, b.grantor)
            """
        }
        return "\(arrays[0]), \(arrays[1]), \(arrays[2])"
    }

    private static let isRevocable =
        "(current_setting('server_version_num')::integer < 160000 OR me.rolsuper OR pg_has_role(me.oid, b.grantor, 'USAGE'))"

    private static func memberships(_ row: Row, at place: Int) throws -> [SchemaInspection.Membership] {
        let (names, revocations, revocable) = (
            try row.texts(place), try row.texts(place + 1), try row.texts(place + 2)
        )
        return names.indices.map {
            SchemaInspection.Membership(
                role: names[$0], revocation: revocations[$0], isRevocable: revocable[$0] == "true")
        }
    }
}
