import ConvonetDatabase
import PostgresClient

/// Membership in the schema's owner for as long as a migration takes: nobody is a member of it otherwise.
enum OwnerAccess {
    /// Runs `body` as a member of `owner` where the current user may not look into the schema, or, for `writing`, not change what
    /// is in it. Who that user was is asked and gone back to by name: NONE would be the session's user.
    static func acting<Value>(
        as owner: String, writing: Bool = false, _ connection: PostgresConnection, _ body: () async throws -> Value
    ) async throws -> Value {
        let rows = try await connection.query(
            """
            SELECT has_schema_privilege('convonet_admin', 'USAGE')
                   AND has_table_privilege('convonet_admin.installation', \(writing ? "UPDATE" : "SELECT")),
                   EXISTS (SELECT FROM pg_roles r WHERE r.rolname = \(owner) AND r.rolsuper), current_user::text,
                   \(isOutOfReach(owner))
            """, limit: .seconds(30))
        guard let row = rows.first, try !row.bool(0) else { return try await body() }
        // A restore without owners leaves everything to whoever restored it.
        if try row.bool(1) {
            throw AdminError.cannotMigrate(
                "The schema convonet_admin belongs to the superuser \(owner), as after a restore by \(owner) without owners. Run "
                    + "migrate as \(owner).")
        }
        let user = try row.text(2)
        if try row.bool(3) { throw outOfReach(owner, user) }
        return try await joining(owner, as: user, connection, body)
    }

    /// Runs `body` as a member of `owner`, which the current user `user` is then no more.
    static func joining<Value>(
        _ owner: String, as user: String, _ connection: PostgresConnection, _ body: () async throws -> Value
    ) async throws -> Value {
        try await connection.run(
            script: script(joining: [owner]) + "\nSET LOCAL ROLE \(QualifiedName.quote(owner));", limit: .seconds(30))
        let value = try await body()
        try await connection.run(
            script: "SET LOCAL ROLE \(QualifiedName.quote(user));\n" + script(leaving: [owner]), limit: .seconds(30))
        return value
    }

    /// How the current user gets at what belongs to a role.
    enum Way: String {
        case superuser, own, byJoining, none
    }

    /// That, and who the current user is.
    static func found(to owner: String, _ connection: PostgresConnection) async throws -> (way: Way, user: String) {
        let rows = try await connection.query(
            """
            SELECT CASE WHEN me.rolsuper THEN 'superuser' WHEN pg_has_role(me.oid, r.oid, 'USAGE') THEN 'own'
                        WHEN \(Statement(trusted: isWithinReach)) THEN 'byJoining' ELSE 'none' END, me.rolname::text
            FROM pg_roles r, pg_roles me WHERE r.rolname = \(owner) AND me.rolname = current_user
            """, limit: .seconds(30))
        guard let row = rows.first else { throw PostgresError.unexpectedResult("the schema's owner is unknown") }
        return (Way(rawValue: try row.text(0)) ?? .none, try row.text(1))
    }

    /// Whether the role `me` can act as the role `r`, or make itself able to. Before PostgreSQL 16 CREATEROLE reaches every role
    /// but superusers; since then only those that one has ADMIN of, and membership says apart whether it can be used (SET) and
    /// whether its rights are had at once (INHERIT).
    static let isWithinReach = """
        (me.rolsuper OR pg_has_role(me.oid, r.oid, 'MEMBER') AND current_setting('server_version_num')::integer < 160000
         OR current_setting('server_version_num')::integer < 160000 AND me.rolcreaterole AND NOT r.rolsuper
         OR EXISTS (SELECT FROM pg_auth_members b WHERE b.roleid = r.oid AND b.admin_option
                    AND pg_has_role(me.oid, b.member, 'USAGE')))
        """

    /// Whether somebody who installs may not become the owner, who is to be told why: since PostgreSQL 16 CREATEROLE reaches only
    /// the roles that one has ADMIN of, and none has it of those that were there when the server was upgraded.
    private static func isOutOfReach(_ owner: String) -> Statement {
        """
        EXISTS (SELECT FROM pg_roles me, pg_roles r
                WHERE me.rolname = current_user AND r.rolname = \(owner) AND me.rolcreaterole AND NOT me.rolsuper
                AND current_setting('server_version_num')::integer >= 160000
                AND NOT EXISTS (SELECT FROM pg_auth_members b WHERE b.roleid = r.oid AND b.admin_option
                                AND pg_has_role(me.oid, b.member, 'USAGE')))
        """
    }

    private static func outOfReach(_ owner: String, _ user: String) -> AdminError {
        let prefix = owner.hasSuffix("owner") ? try? RoleNames(prefix: String(owner.dropLast("owner".count))) : nil
        return .cannotMigrate(
            "The schema convonet_admin belongs to \(owner), which \(user) may not become: since PostgreSQL 16 CREATEROLE is not enough "
                + "for that, as after an upgrade of the server. Ask a superuser to run: \(admission(prefix?.all ?? [owner], user)) Then "
                + "run migrate again.")
    }

    /// Lets somebody decide who is in these roles, and makes them no member, as whoever makes a role since PostgreSQL 16.
    static func admission(_ roles: [String], _ user: String) -> String {
        "GRANT \(roles.map(QualifiedName.quote).joined(separator: ", ")) TO \(QualifiedName.quote(user)) WITH ADMIN TRUE, INHERIT "
            + "FALSE, SET FALSE;"
    }

    static func script(joining roles: [String]) -> String {
        "GRANT \(roles.map(QualifiedName.quote).joined(separator: ", ")) TO CURRENT_USER;"
    }

    /// Undoes everything where somebody became a member of these roles meanwhile.
    static func requireNoMembers(of roles: [String]) -> String {
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_auth_members b JOIN pg_roles r ON r.oid = b.roleid
                       WHERE r.rolname IN (\(roles.map(QualifiedName.literal).joined(separator: ", "))) AND \(SchemaTrust.usable("b"))) THEN
                RAISE EXCEPTION 'somebody became a member' USING ERRCODE = 'CA008';
            END IF;
        END $$;
        """
    }

    static func script(leaving roles: [String]) -> String {
        "REVOKE \(roles.map(QualifiedName.quote).joined(separator: ", ")) FROM CURRENT_USER;"
    }
}
