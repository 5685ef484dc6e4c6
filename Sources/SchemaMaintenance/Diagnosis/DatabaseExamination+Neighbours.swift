import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// What lies beside the users' table and is found by its name: whose it is, and who else could put something there.
    static func neighbours(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> [Finding] {
        let names = [users.teams, users.memberships, users.phoneNumbers]
        let foreign = try await connection.query(
            """
            SELECT c.relname::text, pg_get_userbyid(c.relowner)::text, pg_get_userbyid(u.relowner)::text,
                   CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END
            FROM pg_class u JOIN pg_class c ON c.relnamespace = u.relnamespace AND c.relname = ANY (\(names.map(\.table)))
            JOIN pg_roles o ON o.oid = c.relowner
            WHERE u.oid = \(users.catalogued) AND c.relowner <> u.relowner AND NOT o.rolsuper ORDER BY 1
            """, limit: .seconds(10)
        ).map { row in
            let (name, owner) = (try row.text(0), try row.text(1))
            return Finding(
                "neighbours", .warning,
                "\(users.schema).\(name) belongs to \(owner) and is not read: only what belongs to \(try row.text(2)), as \(users) does, or to a "
                    + "superuser is.",
                mend: "If it is meant to be read: ALTER \(try row.text(3)) \(QualifiedName.quote(users.schema))."
                    + "\(QualifiedName.quote(name)) OWNER TO \(QualifiedName.quote(try row.text(2)));")
        }
        let mayCreate = try await connection.query(
            """
            SELECT EXISTS (SELECT FROM aclexplode(n.nspacl) a WHERE a.grantee = 0 AND a.privilege_type = 'CREATE')
            FROM pg_namespace n WHERE n.nspname = \(users.schema)
            """, limit: .seconds(10)
        ).first?.bool(0)
        guard mayCreate == true else { return foreign }
        return foreign + [
            Finding(
                "neighbours", .warning,
                "Every database user may create tables and functions in the schema \(users.schema), beside \(users).",
                mend: "REVOKE CREATE ON SCHEMA \(QualifiedName.quote(users.schema)) FROM PUBLIC;")
        ]
    }
}
