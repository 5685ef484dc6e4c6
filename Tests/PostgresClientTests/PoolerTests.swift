import ConvonetCore
import Glibc
import PostgresClient
import TestDatabase
import Testing

@testable import EmbeddedPostgres

@Suite struct PoolerTests {
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
            try database.sql(
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
        // Nothing of it is left on the connections that the next client gets.
        #expect(
            try database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)' AND state LIKE 'idle in%'")
                == "0")
    }

    /// Else it would be a change of which nobody knows what became of it.
    @Test func inStatementModeMigrateSaysWhatIsWrong() async throws {
        let database = try await TestDatabase.make()
        let pooler = try await Pooler(before: database, mode: "statement")
        defer { pooler.stop() }
        let pool = PostgresPool(try pooler.parameters())
        func expectWords(_ name: String, _ body: () async throws -> Void) async {
            let error = await #expect(throws: AdminError.self) { try await body() }
            #expect(error?.description.contains("as in statement mode") == true, "\(name): \(error?.description ?? "")")
        }
        let migrator = Migrator(pool)
        await expectWords("migrate") {
            _ = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
        await expectWords("detach") { try await migrator.detach() }
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

/// A PgBouncer of our own on a socket, with two connections to the server.
private final class Pooler: Sendable {
    private let directory: String
    private let process: ChildProcess
    private let database: String

    init(before database: TestDatabase, mode: String = "transaction") async throws {
        var template = Array("/tmp/convonet-pool-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.failure("mkdtemp", "/tmp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.database = database.name
        let user = try ServerUser.current()
        try FileSystem.write("\"convonet_owner\" \"\"\n", to: directory + "/users.txt", owner: user)
        try FileSystem.write(
            """
            [databases]
            * = host=\(database.cluster.socketDirectory) port=\(database.cluster.port)
            [pgbouncer]
            unix_socket_dir = \(directory)
            listen_port = 6432
            pool_mode = \(mode)
            default_pool_size = 2
            auth_type = trust
            auth_file = \(directory)/users.txt
            logfile = \(directory)/log
            """, to: directory + "/pgbouncer.ini", owner: user)
        if user.isAnother { chown(directory, user.uid, user.gid) }
        let silence = Glibc.open("/dev/null", O_RDWR)
        defer { close(silence) }
        process = try ChildProcess.spawn(
            ["env", "PATH=/usr/sbin:/usr/bin:/bin"] + user.launcher(deathSignal: "TERM") + [
                "pgbouncer", "-q", directory + "/pgbouncer.ini",
            ],
            descriptors: [silence, silence, silence])
        let parameters = try parameters()
        try await eventually("the pooler listens") { (try? await PostgresConnection.open(parameters)) != nil }
    }

    func parameters() throws -> ConnectionParameters {
        try ConnectionParameters(
            "host=\(directory) port=6432 user=convonet_owner dbname=\(database)", applicationName: "tests",
            environment: [:])
    }

    func stop() {
        kill(process.pid, SIGTERM)
        process.wait()
        _ = try? ChildProcess.run(["rm", "-rf", directory])
    }
}
