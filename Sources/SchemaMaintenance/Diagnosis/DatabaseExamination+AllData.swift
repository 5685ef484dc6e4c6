import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Who reads or writes every table of the server's databases by a role of the server's own (PostgreSQL 14 and later), ours
    /// among them: no right on ours says so. Nothing is said of superusers, nor here of the roles that own the schema, of which `owners` says it.
    ///
    /// Each is named by the membership that is to be ended, and once, whatever it gives and however many sign in by it.
    static func allData(_ connection: PostgresConnection, _ installation: Installation?) async throws -> [Finding] {
        let own = installation?.roles?.owning ?? []
        return try await connection.query(
            """
            SELECT m.rolname::text, array_agg(DISTINCT g.rolname::text ORDER BY g.rolname::text),
                   ARRAY(SELECT l.rolname::text FROM pg_roles l
                         WHERE l.rolcanlogin AND NOT l.rolsuper AND l.oid <> m.oid AND pg_has_role(l.oid, m.oid, 'MEMBER')
                         ORDER BY 1) AS through,
                   array_agg(DISTINCT \(Statement(trusted: SchemaTrust.revocation("b"))))
            FROM pg_auth_members b JOIN pg_roles g ON g.oid = b.roleid JOIN pg_roles m ON m.oid = b.member
            WHERE g.rolname IN ('pg_read_all_data', 'pg_write_all_data') AND NOT m.rolsuper AND m.rolname <> ALL (\(own))
            GROUP BY m.oid, m.rolname, m.rolcanlogin
            HAVING m.rolcanlogin OR EXISTS (SELECT FROM pg_roles l WHERE l.rolcanlogin AND NOT l.rolsuper
                                            AND l.oid <> m.oid AND pg_has_role(l.oid, m.oid, 'MEMBER'))
            ORDER BY 1
            """, limit: .seconds(10)
        ).map { row in
            let (member, groups, through) = (try row.text(0), try row.texts(1), try row.texts(2))
            let writes = groups.contains("pg_write_all_data")
            let who = through.isEmpty ? member : "\(member), and through it \(through.joined(separator: ", ")),"
            return Finding(
                "all-data", writes ? .problem : .warning,
                "\(who) can \(writes ? "change" : "read") every table (\(groups.joined(separator: ", "))): "
                    + (writes
                        ? "the policy, approvals, and the log, which can get false events."
                        : "hashes and PINs, the log, and the key by which decoys are told from taken PINs."),
                mend: (writes ? "Take that from it" : "If it makes no backups, take that from it")
                    + ": \(try row.texts(3).joined(separator: "; "));")
        }
    }
}
