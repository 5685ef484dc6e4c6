import ConvonetDatabase
import ConvonetSchema
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
        let below = try await Self.foreignParts(connection, of: [users] + names, beside: users)
        let creators = try await connection.query(
            """
            SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END
            FROM pg_class u JOIN pg_namespace n ON n.oid = u.relnamespace CROSS JOIN LATERAL aclexplode(n.nspacl) a
            LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE u.oid = \(users.catalogued) AND a.privilege_type = 'CREATE' AND a.grantee NOT IN (n.nspowner, u.relowner)
              AND r.rolsuper IS NOT TRUE ORDER BY a.grantee
            """, limit: .seconds(10)
        ).map { try $0.text(0) }
        guard !creators.isEmpty else { return foreign + below }
        return foreign + below + [
            Finding(
                "neighbours", .warning,
                "Others may create tables and functions in the schema \(users.schema), beside \(users): "
                    + "\(creators.map { $0 == "PUBLIC" ? "everybody (PUBLIC)" : $0 }.joined(separator: ", ")).",
                mend:
                    "For whoever is not the application: REVOKE CREATE ON SCHEMA \(QualifiedName.quote(users.schema)) FROM "
                    + "\(creators.joined(separator: ", "));")
        ]
    }

    /// What the users' table and that which lies beside it are made of and is somebody else's.
    private static func foreignParts(
        _ connection: PostgresConnection, of names: [QualifiedName], beside users: QualifiedName
    ) async throws -> [Finding] {
        var findings: [Finding] = []
        for name in names {
            let parts = try await ForeignParts.inspect(connection, of: name, beside: users)
            guard !parts.isEmpty else { continue }
            let isOfPeople = name == users
            let list = Self.list(parts.map { "\($0.part) of \($0.owner)" })
            findings.append(
                Finding(
                    "neighbours", isOfPeople && parts.contains { !$0.readsPeople } ? .problem : .warning,
                    "\(name) is made of what belongs to others: \(list). Their code can run where our functions read "
                        + (isOfPeople ? "or write it, and read hashes and PINs." : "it, and say what is found there."),
                    mend: "Give what is named to the owner of \(users), or let the application do without it."))
        }
        return findings
    }
}
