import ConvonetCore
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import TestPrograms
import Testing

/// A change on a server that waits for a standby which never comes.
@Suite struct StandbyCommandTests {
    @Test func whatNoStandbyHasIsNotSaidToBeDone() async throws {
        let cluster = try PrivateCluster.start(
            .init(settings: [
                "synchronous_commit": "local", "synchronous_standby_names": "nobody", "wal_level": "replica",
                "max_wal_senders": "2",
            ]))
        defer { cluster.stop() }
        try await cluster.sql("CREATE ROLE own LOGIN; CREATE DATABASE c OWNER own;")
        let people = try ApplicationSchema.tables() + ApplicationSchema.people(20)
        try await cluster.sql(people, database: "c", user: "own")
        let address = cluster.connectionString(database: "c", user: "own")
        let pool = PostgresPool(try ConnectionParameters(address, applicationName: "tests", environment: [:]))
        _ = try await Migrator(pool).migrate(MigrationRequest(withoutRoles: true))
        let email = try await cluster.sql(
            "SELECT min(email) FROM users_convonet WHERE voice_pin IS NOT NULL", database: "c")
        for json in [true, false] {
            let (output, errors) = (try TemporaryFile(), try TemporaryFile())
            let program = try StartedProgram(
                ["reset-pin", email, "--generate", "--yes"] + (json ? ["--json"] : []),
                environment: ["CONVONET_DB_URI": address + " options='-c synchronous_commit=on'"],
                descriptors: [errors.descriptor, output.descriptor, errors.descriptor])
            try await eventually("the commit waits for the standby, and is let go") {
                try await cluster.sql(
                    "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1"
            }
            #expect(await program.wait() == 74)
            let stored = try await cluster.sql(
                "SELECT voice_pin FROM users_convonet WHERE email = '\(email)'", database: "c")
            if json {
                let object = try JSONReading(String(output.text().dropLast()))
                #expect(object.text("outcome") == "done")
                #expect(object["replicated"] == .flag(false))
                #expect(object.text("pin") == stored)
            } else {
                #expect(output.text().contains("its standby has not confirmed it"))
                #expect(output.text().contains(stored))
            }
        }
    }
}
