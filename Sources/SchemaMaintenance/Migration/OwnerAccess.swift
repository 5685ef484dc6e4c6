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
                   EXISTS (SELECT FROM pg_roles r WHERE r.rolname = \(owner) AND r.rolsuper), current_user::text
            """, limit: .seconds(30))
        guard let row = rows.first, try !row.bool(0) else { return try await body() }
        // A restore without owners leaves everything to whoever restored it.
        if try row.bool(1) {
            throw AdminError.cannotMigrate(
                "The schema convonet_admin belongs to the superuser \(owner), as after a restore by \(owner) without owners. Run "
                    + "migrate as \(owner).")
        }
        let user = try row.text(2)
        try await connection.run(
            script: script(joining: [owner]) + "\nSET LOCAL ROLE \(QualifiedName.quote(owner));", limit: .seconds(30))
        let value = try await body()
        try await connection.run(
            script: "SET LOCAL ROLE \(QualifiedName.quote(user));\n" + script(leaving: [owner]), limit: .seconds(30))
        return value
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
