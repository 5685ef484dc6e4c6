import EmbeddedPostgres
import Glibc
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ConnectTests {
    private func failure(_ text: String) async throws -> ConnectFailure {
        do {
            let connection = try await PostgresConnection.open(
                try ConnectionParameters(text, applicationName: "tests", environment: [:]))
            Issue.record("connected: \(String(describing: connection.details))")
            throw PostgresError.cancelled
        } catch PostgresError.cannotConnect(let failure) {
            return failure
        }
    }

    @Test func noSuchSocket() async throws {
        let failure = try await failure("host=/nonexistent/directory port=5499")
        #expect(failure.cause == .refused)
        #expect(failure.place == "the socket in /nonexistent/directory, port 5499")
    }

    @Test func nobodyListens() async throws {
        #expect(try await failure("host=127.0.0.1 port=1").cause == .refused)
        #expect(try await failure("host=no-such-host.invalid sslmode=require").cause == .hostUnknown)
    }

    @Test func noSuchDatabaseNorRole() async throws {
        let database = try await TestDatabase.make(.empty)
        let missing = try await failure(
            database.cluster.connectionString(database: "none_such", user: "convonet_owner"))
        #expect(missing.cause == .databaseMissing)
        #expect(missing.sqlState == "3D000")
        let stranger = try await failure(
            database.cluster.connectionString(database: database.name, user: "nobody_at_all"))
        #expect(stranger.cause == .notAdmitted)
        #expect(stranger.sqlState == "28000")
    }

    @Test func aDeadHostIsPassedOver() async throws {
        let database = try await TestDatabase.make(.empty)
        let directory = database.cluster.socketDirectory
        let text =
            "host=/nonexistent,\(directory) port=\(database.cluster.port) user=convonet_owner dbname=\(database.name)"
        let connection = try await PostgresConnection.open(
            try ConnectionParameters(text, applicationName: "tests", environment: [:]))
        #expect(connection.details?.host == directory)
    }

    @Test func hostileValuesInTheAddressStayValues() async throws {
        let database = try await TestDatabase.make(.empty)
        let odd = "it's \\ odd options=-cwork_mem=64kB"
        try await database.cluster.sql("CREATE DATABASE \"\(odd)\"")
        let connection = try await PostgresConnection.open(
            try ConnectionParameters(
                database.cluster.connectionString(database: odd, user: "convonet_owner"), applicationName: odd,
                environment: [:]))
        let row = try await connection.query(
            "SELECT current_database(), current_setting('application_name')", limit: .seconds(5))[0]
        #expect(try row.text(0) == odd)
        #expect(try row.text(1) == odd)
    }

    /// In a process of its own, since the environment is shared by all threads.
    @Test func optionsOfTheEnvironmentAreIgnored() async throws {
        let text = try await TestDatabase.make(.empty).connectionString()
        await #expect(processExitsWith: .success) { [text = text as String] in
            setenv("PGOPTIONS", "-c search_path=evil -c work_mem=77MB", 1)
            let connection = try await PostgresConnection.open(
                try ConnectionParameters(text, applicationName: "tests", environment: [:]))
            let row = try await connection.query("SELECT current_setting('work_mem')", limit: .seconds(5))[0]
            let workMemory = try row.text(0)
            precondition(workMemory == "4MB", workMemory)
        }
    }
}
