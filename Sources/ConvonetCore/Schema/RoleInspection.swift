import PostgresClient

extension SchemaInspection.RoleInspection {
    /// Those of our roles that exist in this cluster.
    static func inspect(_ connection: PostgresConnection, _ roles: RoleNames) async throws -> [Self] {
        // Before PostgreSQL 16 CREATEROLE reaches every role but superusers; since then only those that one has ADMIN of,
        // and membership says apart whether it can be used (SET) and whether its rights are had at once (INHERIT).
        let isOld = "current_setting('server_version_num')::integer < 160000"
        let counts = OwnerAccess.usable("b")
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
                         WHERE b.roleid = r.oid AND \(Statement(trusted: counts)) AND NOT m.rolname = ANY (\(roles.all))),
                   ARRAY(SELECT DISTINCT m.rolname::text FROM pg_auth_members b JOIN pg_roles m ON m.oid = b.roleid
                         WHERE b.member = r.oid AND \(Statement(trusted: counts)) AND NOT m.rolname = ANY (\(roles.all))),
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

/// Membership in the schema's owner for as long as a migration takes: nobody is a member of it otherwise.
enum OwnerAccess {
    /// Becomes a member of `owner` where the current user has no right to look into the schema, or to lock what is in it;
    /// true where it did.
    static func join(_ owner: String, toLock: Bool = false, _ connection: PostgresConnection) async throws -> Bool {
        let rows = try await connection.query(
            """
            SELECT has_schema_privilege('convonet_admin', 'USAGE')
                   AND has_table_privilege('convonet_admin.installation', \(toLock ? "UPDATE" : "SELECT")),
                   EXISTS (SELECT FROM pg_roles r WHERE r.rolname = \(owner) AND r.rolsuper)
            """, limit: .seconds(30))
        if try rows.first?.bool(0) ?? false { return false }
        // A restore without owners leaves everything to whoever restored it.
        if try rows.first?.bool(1) ?? false {
            throw AdminError.cannotMigrate(
                "The schema convonet_admin belongs to the superuser \(owner), as after a restore by \(owner) without owners. Run "
                    + "migrate as \(owner).")
        }
        try await connection.run(script: script(joining: [owner]), limit: .seconds(30))
        try await connection.run(script: "SET LOCAL ROLE \(QualifiedName.quote(owner));", limit: .seconds(30))
        return true
    }

    /// Undoes `join`.
    static func leave(_ owner: String, _ connection: PostgresConnection) async throws {
        try await connection.run(
            script: "SET LOCAL ROLE NONE;\n" + script(leaving: [owner]), limit: .seconds(30))
    }

    static func script(joining roles: [String]) -> String {
        "GRANT \(roles.map(QualifiedName.quote).joined(separator: ", ")) TO CURRENT_USER;"
    }

    /// Undoes everything where somebody became a member of these roles meanwhile.
    static func requireNoMembers(of roles: [String]) -> String {
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_auth_members b JOIN pg_roles r ON r.oid = b.roleid
                       WHERE r.rolname IN (\(roles.map(QualifiedName.literal).joined(separator: ", "))) AND \(usable("b"))) THEN
                RAISE EXCEPTION 'somebody became a member' USING ERRCODE = 'CA008';
            END IF;
        END $$;
        """
    }

    /// Whether a membership can be used: since PostgreSQL 16 whoever makes a role has one that cannot.
    static func usable(_ alias: String) -> String {
        "(current_setting('server_version_num')::integer < 160000 "
            + "OR coalesce((to_jsonb(\(alias)) ->> 'set_option')::boolean, true) "
            + "OR coalesce((to_jsonb(\(alias)) ->> 'inherit_option')::boolean, true))"
    }

    static func script(leaving roles: [String]) -> String {
        "REVOKE \(roles.map(QualifiedName.quote).joined(separator: ", ")) FROM CURRENT_USER;"
    }
}
