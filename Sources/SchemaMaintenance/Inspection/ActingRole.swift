import PostgresClient

/// Whether a session acts as somebody with less rights than who signed in. The owner of a database can have everybody act as them
/// there (ALTER DATABASE … SET role), and what is made would be theirs.
enum ActingRole {
    /// What is so, and what ends it; nil where it is not. Whoever loses no right by it may act as another.
    static func fault(_ connection: PostgresConnection) async throws -> (message: String, mend: String)? {
        let rows = try await connection.query(
            """
            SELECT session_user::text, current_user::text,
                   ARRAY(SELECT CASE WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'ALTER ROLE ALL RESET role;'
                                     WHEN s.setrole = 0 THEN format('ALTER DATABASE %I RESET role;', current_database())
                                     WHEN s.setdatabase = 0 THEN format('ALTER ROLE %I RESET role;', session_user)
                                     ELSE format('ALTER ROLE %I IN DATABASE %I RESET role;', session_user, current_database()) END
                         FROM pg_db_role_setting s
                         WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
                             AND s.setrole IN (0, me.oid) AND EXISTS (
                                 SELECT FROM unnest(s.setconfig) AS c (setting) WHERE c.setting LIKE 'role=%')
                         ORDER BY 1)
            FROM pg_roles me, pg_roles acting
            WHERE me.rolname = session_user AND acting.rolname = current_user AND NOT acting.rolsuper
                AND (me.rolsuper OR me.rolcreaterole AND NOT acting.rolcreaterole)
            """, limit: .seconds(30))
        guard let row = rows.first else { return nil }
        let (user, role, resets) = (try row.text(0), try row.text(1), try row.texts(2))
        return (
            "\(user) signed in, but acts as \(role) here, with less rights: what is made would belong to \(role).",
            resets.isEmpty
                ? "Take “role” out of the options of the connection (PGOPTIONS, or options in the address)."
                : "Find out who set that and why, and run \(resets.joined(separator: " ")) Then connect again."
        )
    }
}
