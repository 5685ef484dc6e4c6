import ConvonetDatabase
import PostgresClient

/// Who holds locks on our tables and views, or changes the schema's name: open transactions, and prepared ones.
enum LockHolders {
    /// Those that are in the way of anything that changes a table, which most locks are; `users` is the application's table,
    /// where that is to be changed as well.
    static func find(_ database: Database, on users: QualifiedName?) async -> [OtherSession] {
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
                AND (l.relation IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                    WHERE n.nspname = 'convonet_admin' UNION ALL SELECT \(table))
                     OR l.relation = 'pg_namespace'::regclass AND l.mode <> 'AccessShareLock')
                AND coalesce(x.owner, a.usename) IS NOT NULL
            ORDER BY 1
            """, for: .migrate, session)
        return Array((holders ?? []).prefix(10))
    }

    private static func session(_ row: Row) throws -> OtherSession {
        let user = try row.text(1)
        if let prepared = try row.optional(3, row.text) { return OtherSession(prepared: prepared, user: user) }
        return OtherSession(process: try row.int(0), user: user, program: try row.text(2))
    }
}
