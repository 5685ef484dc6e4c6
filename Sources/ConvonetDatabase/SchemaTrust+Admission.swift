package import PostgresClient

/// Whether a session of this user may read at all, before anything is read that somebody else could have made.
extension SchemaTrust {
    /// Roles of the server's own with which a program can be started or a file written.
    private static let serverRoles = ["pg_execute_server_program", "pg_write_server_files", "pg_read_server_files"]

    /// The mightiest role that the session's user could become, or NULL.
    ///
    /// Code of the application's table runs as whoever reads it, READ ONLY or not: it can SET ROLE, and what starts a program
    /// is not undone by a rollback. Before PostgreSQL 16 who makes roles can make themselves a member of those; that counts
    /// unless the table and the schema are theirs anyway.
    static let mightiest: Statement = """
        (SELECT r.rolname::text FROM pg_roles r
         WHERE pg_has_role(session_user, r.oid, 'MEMBER')
             AND (r.rolsuper OR r.rolname = ANY (\(serverRoles))
                  OR r.rolcreaterole AND current_setting('server_version_num')::integer < 160000
                     AND EXISTS (
                         SELECT FROM pg_rewrite w
                         JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                         JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
                         WHERE c.oid <> w.ev_class AND w.ev_class = (
                                 SELECT v.oid FROM pg_class v JOIN pg_namespace s ON s.oid = v.relnamespace
                                 WHERE s.nspname = 'convonet_admin' AND v.relname = 'accounts')
                             AND NOT pg_has_role(session_user, c.relowner, 'MEMBER')
                             AND c.relkind IN ('r', 'p')
                         UNION ALL SELECT FROM pg_namespace n
                         WHERE n.nspname = 'convonet_admin' AND NOT pg_has_role(session_user, n.nspowner, 'MEMBER')))
         ORDER BY r.rolsuper DESC, r.rolname LIMIT 1)
        """

    /// That, and then why the schema is not to be trusted, or nil. Asked of the server's catalogue alone, and always before
    /// anything else.
    private static let admission: Statement = """
        SELECT \(mightiest), (SELECT \(ownerFault) FROM pg_namespace n WHERE n.nspname = 'convonet_admin'),
               (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user)
        """

    /// True where `admission` certainly finds nothing, which a server knows in a quarter of the time: this user can become none of the
    /// mighty roles, and the schema's owner is a role of its own that has nothing to do with others. Each time the roles are looked
    /// through costs a new session a third of a millisecond.
    private static func plain(server: Int) -> Statement {
        let usable = server < 160_000 ? "true" : usable("b")
        return """
            SELECT bool_and(NOT ((r.rolsuper OR r.rolcreaterole OR r.rolname = ANY (\(serverRoles)))
                                 AND pg_has_role(session_user, r.oid, 'MEMBER')))
                   AND bool_and(r.oid <> n.nspowner
                                OR NOT (r.rolsuper OR r.rolcanlogin OR r.oid < 16384) AND r.rolname LIKE '%owner')
                   AND bool_or(r.oid = n.nspowner)
                   AND NOT EXISTS (SELECT FROM pg_auth_members b, pg_namespace s
                                   WHERE s.nspname = 'convonet_admin' AND s.nspowner IN (b.roleid, b.member)
                                       AND \(Statement(trusted: usable)))
            FROM pg_roles r, pg_namespace n WHERE n.nspname = 'convonet_admin'
            """
    }

    /// Reads all of this, each by itself, where this user's session may read; throws where it must not, and then nothing was read.
    /// Mostly it is one round trip; `next` is that of ``PostgresConnection/queries(_:onlyIf:limit:then:)``.
    package static func read(
        _ statements: [(statement: Statement, scans: TableScans)], _ connection: PostgresConnection,
        then next: PostgresConnection.Continuation? = nil
    ) async throws -> [Result<QueryResult, PostgresError>] {
        let details = connection.details
        let plain = plain(server: details?.serverVersion ?? .max)
        if let results = try await connection.queries(statements, onlyIf: plain, limit: .seconds(30), then: next) {
            return results
        }
        try await admit(connection, user: details?.user ?? "")
        return try await connection.queries(statements, limit: .seconds(30), then: next)
    }

    /// Throws where this user's session must not read.
    private static func admit(_ connection: PostgresConnection, user: String) async throws {
        let rows = try await connection.query(admission, limit: .seconds(10))
        guard let row = rows.first else { return }
        if let role = try row.optional(0, row.text) {
            throw refuse(user: user, isSuperuser: try row.bool(2), becoming: role)
        }
        if let fault = try row.optional(1, row.text) { throw AdminError.schemaNotTrusted(fault) }
    }

    /// Throws where the session's user could become mighty, and so must call no function of the schema: whoever owned it once may have
    /// made it another's.
    package static func requireOrdinaryUser(_ connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            "SELECT \(mightiest), session_user::text, r.rolsuper FROM pg_roles r WHERE r.rolname = session_user",
            limit: .seconds(10))
        guard let row = rows.first, let role = try row.optional(0, row.text) else { return }
        let power = power(of: try row.text(1), isSuperuser: try row.bool(2), becoming: role)
        throw AdminError.schemaNotTrusted(
            "\(power), and code of others in it would run with these rights. Sign in as an ordinary user, after "
                + "“convonet-admin migrate --grant-selfservice NAME”")
    }

    private static func refuse(user: String, isSuperuser: Bool, becoming role: String) -> AdminError {
        .schemaNotTrusted(
            "\(power(of: user, isSuperuser: isSuperuser, becoming: role)), and code in the application's table would run with "
                + "these rights. Sign in as an ordinary user, after “convonet-admin migrate --grant-operator NAME”")
    }

    /// What makes somebody mighty, in words.
    static func power(of user: String, isSuperuser: Bool, becoming role: String) -> String {
        let power =
            isSuperuser
            ? "is a superuser" : role == user ? "may create roles, and so become any" : "can act as \(role)"
        return "\(user) \(power)"
    }
}
