import PostgresClient

/// What the migrator needs to know of a database before it plans.
struct SchemaInspection: Equatable, Sendable {
    var serverVersion: Int
    var currentUser: String
    var isSuperuser: Bool
    var mayCreateRoles: Bool
    var mayCreateSchema: Bool
    var installedVersion: Int?
    var installedUsersTable: String?
    var installedRolePrefix: String?
    var isViewThere: Bool
    /// Whether the views are those that this program reads; an earlier program had fewer.
    var areViewsCurrent: Bool
    var missingColumns: [String]
    var isUsersTableThere: Bool
    var existingRoles: Set<String>
    var rolesHeld: Set<String>
    var missingGrantees: [String]
    var mayGrantOnUsersTable: Bool
    var mayUseUsersTable: Bool
    var areTeamsThere: Bool
    /// Whether direct changes are to be watched, as was asked.
    var watchesDirectChanges = false
    /// Whether the trigger for it is there.
    var isTriggerThere: Bool

    static let neededColumns = [
        "id", "email", "username", "password_hash", "first_name", "last_name", "voice_pin", "is_active", "is_verified",
        "created_at", "updated_at", "last_login_at",
    ]

    static func inspect(_ connection: PostgresConnection, users: QualifiedName, roles: RoleNames, grantees: [String])
        async throws -> SchemaInspection
    {
        let names = RoleNames.Kind.allCases.map(roles.name) + [roles.owner] + grantees
        let rows = try await connection.query(
            """
            SELECT current_setting('server_version_num')::integer, current_user::text, r.rolsuper, r.rolcreaterole,
                   has_database_privilege(current_database(), 'CREATE'),
                   to_regclass('convonet_admin.installation') IS NOT NULL,
                   to_regclass('convonet_admin.accounts') IS NOT NULL,
                   to_regclass('convonet_admin.account_pieces') IS NOT NULL,
                   to_regclass(\(users.quoted)) IS NOT NULL,
                   ARRAY(SELECT c FROM unnest(\(neededColumns)) AS c WHERE NOT EXISTS (
                       SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(\(users.quoted))
                       AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)),
                   ARRAY(SELECT n.rolname::text FROM pg_roles n WHERE n.rolname = ANY (\(names))),
                   ARRAY(SELECT n.rolname::text FROM pg_roles n WHERE n.rolname = ANY (\(names))
                         AND pg_has_role(current_user, n.oid, 'MEMBER')),
                   ARRAY(SELECT g FROM unnest(\(grantees)) AS g WHERE NOT EXISTS (
                       SELECT FROM pg_roles n WHERE n.rolname = g)),
                   coalesce((SELECT pg_has_role(current_user, t.relowner, 'USAGE') FROM pg_class t
                             WHERE t.oid = to_regclass(\(users.quoted))), false),
                   coalesce(has_table_privilege(to_regclass(\(users.quoted)), 'SELECT')
                            AND has_table_privilege(to_regclass(\(users.quoted)), 'UPDATE'), false),
                   (SELECT count(*) = 5 FROM pg_attribute a
                    WHERE (a.attrelid = to_regclass(\(users.memberships.quoted)) AND a.attname IN ('user_id', 'team_id', 'role')
                           AND has_table_privilege(a.attrelid, 'SELECT'))
                    OR (a.attrelid = to_regclass(\(users.teams.quoted)) AND a.attname IN ('id', 'name')
                        AND has_table_privilege(a.attrelid, 'SELECT'))),
                   EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = to_regclass(\(users.quoted))
                           AND g.tgname = \(DirectChangeTrigger.name) AND g.tgenabled <> 'D')
            FROM pg_roles r WHERE r.rolname = current_user
            """, limit: .seconds(30))
        guard let row = rows.first else { throw PostgresError.unexpectedResult("the current user is unknown") }
        var inspection = SchemaInspection(
            serverVersion: try row.int(0), currentUser: try row.text(1), isSuperuser: try row.bool(2),
            mayCreateRoles: try row.bool(2) || row.bool(3), mayCreateSchema: try row.bool(4),
            isViewThere: try row.bool(6), areViewsCurrent: try row.bool(7), missingColumns: try row.texts(9),
            isUsersTableThere: try row.bool(8), existingRoles: Set(try row.texts(10)),
            rolesHeld: Set(try row.texts(11)), missingGrantees: try row.texts(12),
            mayGrantOnUsersTable: try row.bool(13), mayUseUsersTable: try row.bool(14),
            areTeamsThere: try row.bool(15), isTriggerThere: try row.bool(16))
        if try row.bool(5) {
            let installed = try await connection.query(
                """
                SELECT schema_version, users_table, role_prefix,
                       coalesce((to_jsonb(i) ->> 'watches_direct_changes')::boolean, false)
                FROM convonet_admin.installation i
                """,
                limit: .seconds(30))
            if let row = installed.first {
                inspection.installedVersion = try row.int(0)
                inspection.installedUsersTable = try row.text(1)
                inspection.installedRolePrefix = try row.optional(2, row.text)
                inspection.watchesDirectChanges = try row.bool(3)
            }
        }
        return inspection
    }
}
