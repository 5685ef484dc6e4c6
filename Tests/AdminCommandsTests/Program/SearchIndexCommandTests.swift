import Glibc
import PostgresClient
import TestDatabase
import TestPrograms
import Testing

@Suite(.dropsDatabases) struct SearchIndexCommandTests {
    private let state =
        "SELECT coalesce(string_agg(indisvalid::text, ','), 'none') FROM pg_index WHERE indexrelid::regclass::text = 'convonet_admin_search'"

    @Test func itIsBuiltAndDroppedAndDoctorKnows() async throws {
        let database = try await TestDatabase.make()
        let asked = try await CommandRun(database, as: .owner, ["migrate", "--search-index"])
        #expect(asked.status == 64 && asked.errors.contains("Build the index") && asked.errors.contains("--yes"))
        let printed = try await CommandRun(database, as: .owner, ["migrate", "--search-index", "--print"])
        #expect(printed.output.contains("CREATE INDEX CONCURRENTLY"))
        #expect(try await database.sql(state) == "none")
        let built = try await CommandRun(database, as: .owner, ["migrate", "--search-index", "--yes", "--json"])
        #expect(try built.status == 0 && built.objects.first?.text("outcome") == "done")
        #expect(try await database.sql(state) == "true")
        let doctor = try await CommandRun(database, as: .operator, ["doctor"])
        #expect(doctor.output.contains("The search index is built."))
        let dropped = try await CommandRun(database, as: .owner, ["migrate", "--drop-search-index", "--yes"])
        #expect(dropped.status == 0 && dropped.errors.contains("Done."))
        #expect(try await database.sql(state) == "none")
        let both = try await CommandRun(database, as: .owner, ["migrate", "--drop-search-index", "--search-index"])
        #expect(both.status == 64)
        let foreign = try await CommandRun(database, as: .viewer, ["migrate", "--search-index", "--yes"])
        #expect(foreign.status == 78 && foreign.errors.contains("convonet_owner"))
    }

    @Test func interruptingItStopsTheServer() async throws {
        let database = try await TestDatabase.make()
        try await database.pool(.operator).transaction(.snapshot) { blocker in
            _ = try await blocker.query("SELECT 1", limit: .seconds(10))
            let process = try StartedProgram(
                ["migrate", "--search-index", "--yes"],
                environment: ["CONVONET_DB_URI": database.connectionString(.owner)])
            try await eventually("the build waits for the older transaction") {
                try await database.sql("SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'")
                    == "1"
            }
            kill(process.pid, SIGINT)
            #expect(await process.wait() == 130)
        }
        #expect(try await database.sql(state) == "none")
    }
}
