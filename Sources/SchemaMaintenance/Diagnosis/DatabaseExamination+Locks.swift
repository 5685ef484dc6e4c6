import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Who keeps others waiting: whoever has the log's head, an account or a table of ours locked, in an open transaction or
    /// in a prepared one, which outlives its session.
    static func locks(_ connection: PostgresConnection) async throws -> [Finding] {
        let prepared = try await preparedTransactions(connection)
        // Whoever is at it in passing is gone when it is looked at again.
        var holders = try await holders(connection)
        if !holders.isEmpty {
            try await Task.sleep(for: .milliseconds(500))
            let still = Set(try await self.holders(connection).map(\.transaction))
            holders.removeAll { !still.contains($0.transaction) }
        }
        let found = prepared + holders.map(\.finding)
        return found.isEmpty ? [Finding("locks", "Nothing keeps the log or an account locked.")] : found
    }

    /// What is said of a check whose tables somebody keeps locked, so that they could not be kept as they are while they are read.
    func locked(_ name: String) async -> Finding {
        let holders = await LockHolders.find(Database(pool: pool), on: nil)
        return Finding(
            name, .problem,
            "Could not be checked: somebody changes tables of convonet_admin, or keeps them locked"
                + (holders.isEmpty ? "." : ": \(holders.map(\.name).joined(separator: "; "))."),
            mend: holders.isEmpty
                ? "Run doctor again."
                : "Find out what they do. To end them, as that user or a superuser: "
                    + holders.map(\.end).joined(separator: " "))
    }

    /// Prepared transactions of this database, with the statement that ends each.
    private static func preparedTransactions(_ connection: PostgresConnection) async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT x.gid, x.owner::text, to_char(x.prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
                   EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                           JOIN pg_namespace n ON n.oid = c.relnamespace
                           WHERE l.pid IS NULL AND n.nspname = 'convonet_admin' AND c.relname = 'audit_head'
                           AND l.mode <> 'AccessShareLock')
            FROM pg_prepared_xacts x WHERE x.database = current_database() ORDER BY x.prepared LIMIT 5
            """, limit: .seconds(10))
        return try rows.map { row in
            let transaction = OtherSession(prepared: try row.text(0), user: try row.text(1))
            return Finding(
                "locks", .warning,
                "A transaction of \(try row.text(1)) has been prepared since \(try row.text(2)) UTC and keeps its locks"
                    + (try row.bool(3)
                        ? ", perhaps on the log's head: then nothing can be changed or logged." : "."),
                mend: "If nobody will commit it, run as that user or a superuser: \(transaction.end)")
        }
    }

    private struct Holder {
        var session: OtherSession
        var transaction: String
        var held: String
        var waiting: Int

        var finding: Finding {
            let name = "P" + session.name.dropFirst()
            let others = waiting == 1 ? "1 session waits" : "\(waiting) sessions wait"
            return Finding(
                "locks", .warning,
                held == "audit_head"
                    ? "\(name) keeps the log's head locked: nothing can be changed or logged until its transaction ends."
                    : "\(name) keeps \(held) locked\(waiting > 0 ? "; \(others) for it" : "").",
                mend:
                    "Check what it does. To end it, run as that user or a superuser: \(session.end)"
            )
        }
    }

    /// Sessions in whose transactions the head or rows of our tables are locked, and those for which another session waits on a table of ours.
    private static func holders(_ connection: PostgresConnection) async throws -> [Holder] {
        try await connection.query(
            """
            WITH head AS (
                SELECT l.pid, l.virtualtransaction, CASE WHEN bool_or(c.relname = 'audit_head') THEN 'audit_head'
                       ELSE 'rows of ' || string_agg(DISTINCT c.relname::text, ', ') END AS held
                FROM pg_locks l JOIN pg_class c ON c.oid = l.relation AND c.relkind = 'r'
                WHERE l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock')
                    AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                    AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'convonet_admin')
                GROUP BY 1, 2),
            blocked AS (
                SELECT b.pid AS blocker, count(*) AS waiting
                FROM pg_stat_activity a CROSS JOIN LATERAL unnest(pg_blocking_pids(a.pid)) AS b (pid)
                WHERE a.datname = current_database() AND b.pid <> 0 GROUP BY 1),
            holders AS (
                SELECT h.pid, h.virtualtransaction, h.held FROM head h
                UNION SELECT b.blocker, l.virtualtransaction, 'rows or tables that others need' FROM blocked b
                JOIN pg_locks l ON l.pid = b.blocker AND l.locktype = 'virtualxid' AND l.granted
                WHERE b.blocker NOT IN (SELECT h.pid FROM head h WHERE h.pid IS NOT NULL))
            SELECT h.pid, h.virtualtransaction, coalesce(a.usename::text, 'somebody'), \(OtherSession.program),
                   h.held, coalesce(b.waiting, 0)
            FROM holders h LEFT JOIN pg_stat_activity a ON a.pid = h.pid LEFT JOIN blocked b ON b.blocker = h.pid
            WHERE h.pid IS NOT NULL AND h.pid <> pg_backend_pid() ORDER BY h.pid
            """, limit: .seconds(10)
        ).map { row in
            Holder(
                session: OtherSession(process: try row.int(0), user: try row.text(2), program: try row.text(3)),
                transaction: try row.text(1), held: try row.text(4), waiting: try row.int(5))
        }
    }
}
