import ConvonetDatabase
import PostgresClient

/// Who keeps a migration waiting. It waits for a moment only, since whoever comes after it would wait behind it.
enum MigrationLocks {
    /// What is done within this database, with so much patience. Roles are the whole server's, and others who migrate are waited
    /// for there.
    static func impatient(_ script: String) -> String {
        "SET LOCAL lock_timeout = '5s';\n\(script)\nSET LOCAL lock_timeout TO DEFAULT;\n"
    }

    /// Who holds locks on our tables and views, or on the application's table, with what ends each; nil where nobody does.
    static func text(_ database: Database, on users: QualifiedName?) async -> String? {
        let table: Statement = users.map { $0.catalogued } ?? "NULL"
        let holders = try? await database.rows(
            """
            SELECT DISTINCT l.pid, coalesce(x.owner, a.usename)::text, \(OtherSession.program), x.gid
            FROM pg_locks l
            LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid'
                AND t.virtualtransaction = l.virtualtransaction
            LEFT JOIN pg_prepared_xacts x ON x.transaction = t.transactionid
            WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
                AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                AND l.relation IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE n.nspname = 'convonet_admin' UNION ALL SELECT \(table))
                AND coalesce(x.owner, a.usename) IS NOT NULL
            ORDER BY 1
            """, for: .migrate, holder
        ).prefix(10)
        guard let holders, !holders.isEmpty else { return nil }
        return "Others hold locks that migrate needs, and it waits for no more than a moment: "
            + holders.map(\.name).joined(separator: "; ")
            + ". Nothing was changed. Wait until they are done and run it again, or "
            + "end them, each as that user or a superuser: " + holders.map(\.end).joined(separator: " ")
    }

    private static func holder(_ row: Row) throws -> OtherSession {
        let user = try row.text(1)
        if let prepared = try row.optional(3, row.text) { return OtherSession(prepared: prepared, user: user) }
        return OtherSession(process: try row.int(0), user: user, program: try row.text(2))
    }
}
