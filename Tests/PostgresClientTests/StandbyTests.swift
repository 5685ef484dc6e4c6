import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

/// A server that waits for a standby which never comes.
@Suite(.dropsDatabases) struct StandbyTests {
    private static let server = Task.detached {
        // The default keeps what prepares a test from waiting as well.
        try PrivateCluster.start(
            PrivateCluster.Options(
                settings: [
                    "synchronous_commit": "local", "synchronous_standby_names": "nobody", "wal_level": "replica",
                    "max_wal_senders": "2",
                ]))
    }

    private struct Scene {
        let cluster: PrivateCluster
        let name: String
        let parameters: ConnectionParameters

        init(_ name: String) async throws {
            cluster = try await StandbyTests.server.value
            self.name = name
            try await cluster.sql("CREATE DATABASE \(name)")
            try await cluster.sql("CREATE TABLE notes (note text)", database: name)
            parameters = try ConnectionParameters(
                cluster.connectionString(database: name) + " options='-c synchronous_commit=on'",
                applicationName: "tests", environment: [:])
        }

        func rows() async throws -> String { try await cluster.sql("SELECT count(*) FROM notes", database: name) }

        /// Does something to whoever waits for the standby.
        func whoeverWaits(_ function: String) async throws {
            try await eventually("somebody waits for the standby, longer than the statement may take") {
                try await cluster.sql(
                    """
                    SELECT count(\(function)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = '\(name)'
                    AND wait_event = 'SyncRep' AND clock_timestamp() - xact_start > interval '400 milliseconds') AS w
                    """) == "1"
            }
        }
    }

    @Test func aWaitThatIsCutShortIsNotSaidToBeDone() async throws {
        let scene = try await Scene("cut_short")
        let connection = try await PostgresConnection.open(scene.parameters)
        let running = Task {
            try await connection.change("INSERT INTO public.notes VALUES ('one')", limit: .milliseconds(100))
        }
        try await scene.whoeverWaits("pg_cancel_backend(pid)")
        #expect(try await !running.value.isReplicated)
        #expect(try await scene.rows() == "1")
        // It is said of that one alone.
        #expect(try await connection.change("SELECT 1", limit: .seconds(5)).isReplicated)
    }

    @Test func aTransactionSaysItToo() async throws {
        let scene = try await Scene("transaction")
        let pool = PostgresPool(scene.parameters)
        let running = Task {
            try await pool.transaction(.readCommitted) {
                try await $0.query("INSERT INTO public.notes VALUES ('one')", limit: .milliseconds(100)).count
            }
        }
        try await scene.whoeverWaits("pg_cancel_backend(pid)")
        await #expect(throws: PostgresError.notReplicated) { try await running.value }
        #expect(try await scene.rows() == "1")
    }

    @Test func theWaitIsGivenUpWithoutACancellation() async throws {
        let scene = try await Scene("given_up")
        let connection = try await PostgresConnection.open(scene.parameters)
        await #expect(throws: PostgresError.commitUnanswered) {
            try await connection.change(
                "INSERT INTO public.notes VALUES ('one')", limit: .seconds(5), until: Deadline(in: .seconds(1)))
        }
        // The server still waits, and nobody else sees the row.
        #expect(try await scene.rows() == "0")
        try await scene.whoeverWaits("pg_cancel_backend(pid)")
        try await eventually("the row is there") { try await scene.rows() == "1" }
    }

    @Test func whatAStandbyCannotDoIsSaidAlike() async throws {
        let standby = try PrivateCluster.start(
            PrivateCluster.Options(
                settings: ["wal_level": "replica", "max_wal_senders": "10"], files: ["standby.signal": ""]))
        defer { standby.stop() }
        let text = standby.connectionString(database: "postgres")
        let pool = PostgresPool(try ConnectionParameters(text, applicationName: "tests", environment: [:]))
        let refusal = PostgresError.server(ServerError(sqlState: .readOnlyTransaction, isStandby: true))
        #expect(try await pool.query("SELECT pg_is_in_recovery()")[0].bool(0))
        await #expect(throws: refusal) { try await pool.change("SELECT 1") }
        await #expect(throws: refusal) {
            try await pool.transaction(.readCommitted) { try await $0.query("SELECT 1", limit: .seconds(5)).count }
        }
        #expect(try await pool.query("SELECT 1")[0].int(0) == 1)
        let writer = try ConnectionParameters(
            text + " target_session_attrs=read-write", applicationName: "tests", environment: [:])
        await #expect {
            try await PostgresConnection.open(writer)
        } throws: { error in
            guard case PostgresError.cannotConnect(let failure) = error else { return false }
            return failure.cause == .wrongRole
        }
    }

    @Test func aWarningOfATriggerIsNoWarningOfTheServer() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(
            """
            CREATE TABLE public.notes (note text);
            GRANT ALL ON public.notes TO convonet_owner;
            CREATE FUNCTION public.warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE WARNING 'canceling wait for synchronous replication due to user request'; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON public.notes DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.warn();
            """)
        let connection = try await database.connection()
        let committed = try await connection.change("INSERT INTO public.notes VALUES ('x')", limit: .seconds(5))
        #expect(committed.isReplicated)
    }
}
