import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct PoolerTests {
    @Test func everythingWorksBehindAPoolerInTransactionMode() async throws {
        let database = try await TestDatabase.make(.application)
        let pooler = try await Pooler(before: database)
        defer { pooler.stop() }
        let pool = PostgresPool(try pooler.parameters(), maximum: 6)

        #expect(
            try await pool.query("SELECT \("bound"), current_setting('search_path')")[0].text(1)
                == "pg_catalog, pg_temp")
        await #expect(throws: PostgresError.timedOut) {
            try await pool.query("SELECT pg_sleep(600)", limit: .milliseconds(150))
        }
        try await transactions(pool, database)
        try await cancellation(pool, database)
        // More clients than connections to the server, each with a limit of its own.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...60 {
                group.addTask {
                    let row = try await pool.query(
                        "SELECT \(number), current_setting('statement_timeout'), pg_sleep(0.005)",
                        limit: .seconds(100 + number))[0]
                    return try row.int(0) == number && row.text(1) == milliseconds(100 + number)
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(
            try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'convonet_owner' AND datname = '\(database.name)'"
            ) == "2")
    }

    @Test(arguments: [("transaction", Finding.Grade.ok), ("session", .ok), ("statement", .problem)])
    func doctorKnowsWhichModeServes(mode: String, grade: Finding.Grade) async throws {
        let database = try await TestDatabase.make()
        let pooler = try await Pooler(before: database, mode: mode)
        defer { pooler.stop() }
        let examination = DatabaseExamination(PostgresPool(try pooler.parameters()), usersTable: .usersConvonet)
        let found = try #require(await examination.findings().first { $0.check == "pooler" })
        #expect(found.grade == grade && found.message != "No connection pooler.", "\(found)")
        if grade == .problem { #expect(found.message.contains("statement mode") && found.mend != nil) }
        // Followed, the advice ends in a run that finds nothing.
        if grade == .problem {
            try pooler.change(mode: "transaction")
            try await eventually("the pooler serves") {
                await examination.findings().first { $0.check == "pooler" }?.grade == .ok
            }
        }
        // Nothing of it is left on the connections that the next client gets.
        #expect(
            try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)' AND state LIKE 'idle in%'")
                == "0")
    }

    /// In words, whoever it meets: a session, self-service, migrate.
    @Test func inStatementModeEverybodyIsToldWhatIsWrong() async throws {
        let database = try await TestDatabase.make()
        let pooler = try await Pooler(before: database, mode: "statement")
        defer { pooler.stop() }
        let pool = PostgresPool(try pooler.parameters())
        func expectWords(_ name: String, changes: Bool = false, _ body: () async throws -> Void) async {
            let error = await #expect(throws: AdminError.self) { try await body() }
            let words = error?.description ?? ""
            #expect(words.contains("as in statement mode"), "\(name): \(words)")
            #expect(!changes || words.contains("Nothing was changed."), "\(name): \(words)")
        }
        await expectWords("a session") {
            _ = try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests")
        }
        let service = SelfServiceDatabase(pool, application: "tests", host: "web-1")
        await expectWords("self-service") { _ = try await service.policy() }
        let migrator = Migrator(pool)
        await expectWords("migrate", changes: true) {
            _ = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
        await expectWords("detach", changes: true) { try await migrator.detach() }
    }

    @Test func aSessionIsToldWhereThePoolerChangesItsMode() async throws {
        let database = try await TestDatabase.make()
        let pooler = try await Pooler(before: database, user: .operator)
        defer { pooler.stop() }
        let session = try await AdminSession.open(
            PostgresPool(try pooler.parameters()), operator: TestDatabase.identity, application: "tests")
        let person = try await session.accounts.page(of: AccountSelection(), limit: 1).accounts[0]
        try pooler.change(mode: "statement")
        try await eventually("the list says what is wrong") {
            do {
                _ = try await session.accounts.page(of: AccountSelection(), limit: 1)
                return false
            } catch let error as AdminError {
                return error.description.contains("as in statement mode")
            }
        }
        let change = AccountChange(account: person, action: .clearPIN)
        let result = try await session.changes.perform(change)
        #expect(result.outcome == .unknown && result.message?.contains("as in statement mode") == true, "\(result)")
    }

    /// The statement and its COMMIT went to the server together, before the pooler saw that there is a transaction.
    @Test func inStatementModeNobodyKnowsWhetherAChangeWasMade() async throws {
        let database = try await TestDatabase.make(.empty)
        let pooler = try await Pooler(before: database, mode: "statement")
        defer { pooler.stop() }
        let pool = PostgresPool(try pooler.parameters())
        let ending = ConnectionEnding(sqlState: "08P01", cause: .statementPooling)
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ending)) {
            try await pool.change("CREATE TABLE public.made ()")
        }
    }

    @Test func aPoolerThatIsExhaustedSaysSo() async throws {
        let database = try await TestDatabase.make(.empty)
        let pooler = try await Pooler(before: database, settings: "query_wait_timeout = 1")
        defer { pooler.stop() }
        let parameters = try pooler.parameters()
        let holders = [try await PostgresConnection.open(parameters), try await PostgresConnection.open(parameters)]
        for holder in holders { try await holder.begin(.reading, limit: .seconds(5)) }
        let ending = ConnectionEnding(sqlState: "08P01", cause: .poolerExhausted)
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ending)) {
            try await PostgresConnection.open(parameters).query("SELECT 1", limit: .seconds(20))
        }
        for holder in holders { await holder.rollback() }
    }

    /// What the server says to the pooler's connection comes through.
    @Test func whatTheServerSaysComesThroughThePooler() async throws {
        let database = try await TestDatabase.make(.empty)
        let pooler = try await Pooler(before: database)
        defer { pooler.stop() }
        let pool = PostgresPool(try pooler.parameters())
        let ending = ConnectionEnding(sqlState: "57P01")
        await #expect(throws: PostgresError.connectionLost(afterSending: true, ending: ending)) {
            try await pool.change("SELECT pg_terminate_backend(pg_backend_pid())")
        }
    }

    private func transactions(_ pool: PostgresPool, _ database: TestDatabase) async throws {
        try await pool.transaction(.readCommitted) { connection in
            let first = try await connection.backend()
            _ = try await connection.query("CREATE TABLE public.made (n bigint)", limit: .seconds(5))
            _ = try await connection.query("INSERT INTO public.made VALUES (\(7))", limit: .seconds(5))
            #expect(try await connection.backend() == first)
        }
        #expect(try await pool.query("SELECT n FROM public.made")[0].int(0) == 7)
        await #expect(throws: PostgresError.self) {
            try await pool.transaction(.readCommitted) { connection in
                _ = try await connection.query("DELETE FROM public.made", limit: .seconds(5))
                _ = try await connection.query("SELECT 1/0", limit: .seconds(5))
            }
        }
        #expect(try await pool.query("SELECT count(*) FROM public.made")[0].int(0) == 1)
    }

    private func cancellation(_ pool: PostgresPool, _ database: TestDatabase) async throws {
        let watcher = try await database.connection()
        let sleeping = Task { try await pool.query("SELECT pg_sleep(602)", limit: .seconds(500)) }
        try await eventually("the query begins") { try await database.isRunning("pg_sleep(602)", by: watcher) }
        sleeping.cancel()
        await #expect(throws: PostgresError.cancelled) { try await sleeping.value }
        try await eventually("the server has stopped") { try await !database.isRunning("pg_sleep(602)", by: watcher) }
    }
}

/// The server's own way to write so many seconds.
private func milliseconds(_ seconds: Int) -> String { seconds % 60 == 0 ? "\(seconds / 60)min" : "\(seconds)s" }
