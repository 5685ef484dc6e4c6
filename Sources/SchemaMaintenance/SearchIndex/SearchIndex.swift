import ConvonetCore
public import ConvonetDatabase
public import PostgresClient
import SearchText

/// The index that search runs on. It lies on the application's own table, and goes with it.
///
/// It is a GIN index of the array of three-letter pieces, an expression of built-in functions: it needs no extension, and
/// an INSERT of the application needs no right and no search_path for it.
public struct SearchIndex: Sendable {
    let pool: PostgresPool
    private let table: QualifiedName
    private let database: Database

    /// The index of one table of people.
    public init(_ pool: PostgresPool, table: QualifiedName = .usersConvonet) {
        self.pool = pool
        self.table = table
        database = Database(pool: pool)
    }

    /// What building would do.
    public struct Plan: Equatable, Sendable {
        /// A few lines for the person who decides.
        public var summary: [String]
        /// The statements, each to be sent on its own, since none may be in a transaction.
        public var statements: [String]
        /// Whether there is anything to do.
        public var isEmpty: Bool { statements.isEmpty }
        let table: QualifiedName
    }

    /// What building takes, from what is there; changes nothing.
    public func plan() async throws(AdminError) -> Plan {
        try await database.transaction(.snapshot, for: .migrate) { connection in
            try Self.plan(try await SearchIndexInspection.inspect(connection, table))
        }
    }

    /// Builds the index without holding up the application's writes. What an interrupted try left is built anew.
    ///
    /// Cancelling the task stops the server too and takes away what there was of it. `progress` hears of pages of the
    /// table, in each of the two passes over it. Throws `cannotMigrate` where it cannot be had, with what to do.
    public func build(progress: @escaping @Sendable (_ pass: String, _ done: Int, _ of: Int) -> Void)
        async throws(AdminError)
    {
        try await alone { connection in
            let found = try await SearchIndexInspection.inspect(connection, table)
            let plan = try Self.plan(found)
            let watch = Task { await self.watch(progress) }
            defer { watch.cancel() }
            do {
                try await RefusedStep.noting {
                    for statement in plan.statements {
                        try await connection.run(script: statement, limit: Self.longest)
                    }
                }
            } catch {
                // Not in this task, which may be cancelled.
                _ = await Task {
                    for statement in Self.drops(found) {
                        try? await connection.run(script: statement, limit: .seconds(60))
                    }
                }.value
                throw error
            }
        }
    }

    /// Takes the index away; false where there is none.
    public func drop() async throws(AdminError) -> Bool {
        try await alone { connection in
            let found = try await SearchIndexInspection.inspect(connection, table)
            guard found.isIndexThere else { return false }
            guard found.ownsTable else { throw Self.foreignTable(found) }
            try await RefusedStep.noting {
                for statement in Self.drops(found) { try await connection.run(script: statement, limit: Self.longest) }
            }
            return true
        }
    }

    /// What `drop` would send.
    public func droppingStatement() async throws(AdminError) -> String {
        try await database.transaction(.snapshot, for: .migrate) { connection in
            Self.drops(try await SearchIndexInspection.inspect(connection, table)).joined(separator: "\n")
        }
    }

    /// The statement that takes it away; nothing where there is none.
    static func dropScript(_ table: QualifiedName, concurrently: Bool = true) -> String {
        "DROP INDEX \(concurrently ? "CONCURRENTLY " : "")IF EXISTS \(QualifiedName.quote(table.schema)).\(SearchIndexLookup.name);"
    }

    /// Longer than any build.
    private static let longest = Duration.seconds(7 * 86400)

    private static func plan(_ found: SearchIndexInspection) throws(AdminError) -> Plan {
        if found.isIndexValid { return Plan(summary: [], statements: [], table: found.table) }
        guard found.ownsTable else { throw foreignTable(found) }
        guard found.isUTF8 else {
            throw .cannotMigrate(
                "The search index needs a database in UTF8. Search works without it, by reading the table.")
        }
        var plan = Plan(summary: [], statements: [], table: found.table)
        if found.isIndexThere {
            plan.summary.append("Drop what an interrupted run or an earlier version left.")
            plan.statements += drops(found)
        }
        if let other = found.nameTakenBy {
            throw .cannotMigrate(
                "\(other) has the name that the search index would have, \(SearchIndexLookup.name). Have its owner drop or rename it, and run this "
                    + "again.")
        }
        if !found.parts.isEmpty { return try addParts(found, to: plan) }
        plan.summary.append(
            "Build the index \(SearchIndexLookup.name) on \(found.table), \(found.sizeText), without blocking the application."
        )
        plan.statements.append(create(SearchIndexLookup.name, on: found.table.quoted, "CONCURRENTLY "))
        plan.statements.append(
            withoutStatistics("\(QualifiedName.quote(found.table.schema)).\(SearchIndexLookup.name)"))
        return plan
    }

    /// A long list of pending entries would be read by every search; 256 kB are read in a fraction of a millisecond.
    static func create(_ name: String, on table: String, _ how: String) -> String {
        """
        CREATE INDEX \(how)\(name) ON \(table)
        USING gin ((\(SearchPieces.sql(of: SearchFold.sqlKey())))) WITH (gin_pending_list_limit = 256);
        """
    }

    /// Plans are chosen without them, and gathering them would cost each ANALYZE of the table.
    static func withoutStatistics(_ index: String) -> String {
        "ALTER INDEX \(index) ALTER COLUMN 1 SET STATISTICS 0;"
    }

    private static func foreignTable(_ found: SearchIndexInspection) -> AdminError {
        .cannotMigrate(
            "The search index is on the application's table \(found.table), so only that table's owner, "
                + "\(found.tableOwner), can build or drop it. Run this as \(found.tableOwner), or have \(found.tableOwner) run the "
                + "output of “convonet-admin migrate --search-index --print”.")
    }

    /// Runs `body` on a connection of its own, which ends afterwards, and not beside somebody else who builds or drops: a
    /// build holds a lock of the table, also after its program ended. It needs the server itself, for no transaction bounds
    /// what is set here.
    private func alone<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws(AdminError) -> Value {
        try await database.translating(.migrate) {
            try await pool.withOwnConnection { connection in
                let rows = try await connection.query(
                    """
                    SELECT pg_backend_pid(), (SELECT l.pid FROM pg_locks l
                        -- What vacuums by itself has no user, and gives way.
                        JOIN pg_stat_activity a ON a.pid = l.pid AND a.usesysid IS NOT NULL
                        WHERE l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                        AND (l.relation = \(table.catalogued)
                            OR l.relation IN (SELECT p.relid FROM pg_partition_tree(\(table.catalogued)) p))
                        AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted AND l.pid <> pg_backend_pid() LIMIT 1)
                    """, limit: .seconds(30))
                if try rows.first?.int(0) != connection.details?.backendPID {
                    throw AdminError.cannotMigrate(
                        "The index cannot be built through a connection pooler. Use the address of the server itself.")
                }
                if let row = rows.first, let other = try row.optional(1, row.int) {
                    throw Self.busy(other)
                }
                do {
                    try await connection.run(
                        script: "SET search_path = pg_catalog, pg_temp; SET statement_timeout = 0;", limit: .seconds(30)
                    )
                    return try await body(connection)
                } catch PostgresError.server(let refusal) where refusal.sqlState == "42P07" {
                    throw Self.busy(nil)
                } catch let refused as RefusedStep {
                    throw await refused.explanation(database, on: table)
                }
            }
        }
    }

    private static func busy(_ process: Int?) -> AdminError {
        .cannotMigrate(
            "Another session\(process.map { " (process \($0))" } ?? "") is building or dropping the search index, or "
                + "vacuuming the table. Wait until it has finished.")
    }

    private func watch(_ progress: @Sendable (String, Int, Int) -> Void) async {
        while !Task.isCancelled {
            let rows = try? await pool.query(
                """
                SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index
                WHERE relid = \(table.catalogued) OR relid IN (SELECT relid FROM pg_partition_tree(\(table.catalogued)))
                """)
            if let row = rows?.first, let phase = try? row.text(0), let done = try? row.int(1),
                let total = try? row.int(2)
            {
                progress(phase, done, total)
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}
