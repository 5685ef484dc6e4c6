import AuditVerification
import ConvonetCore
import ConvonetDatabase
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import Testing

@testable import EmbeddedPostgres
@testable import TestDatabase

/// pg_dump and a restore, as docs/INSTALL.md has them.
@Suite(.dropsDatabases) struct BackupTests {
    /// A database that watches direct changes, with events, a link and a policy that is not the standard.
    private func used() async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        let desk = try await database.session()
        let people = try await desk.people(2)
        #expect(try await desk.perform(.issuePIN, on: people[0]).outcome == .done)
        #expect(try await desk.perform(.sendResetLink, on: people[1]).outcome == .done)
        try await database.sql(
            "UPDATE users_convonet SET voice_pin = NULL WHERE id = '\(people[0].idText)'", as: .owner)
        return database
    }

    private func run(
        _ program: String, _ arguments: [String], on database: TestDatabase, as user: String, input: String = ""
    )
        async throws -> String
    {
        let cluster = database.cluster
        let outcome = try await elsewhere {
            try ChildProcess.run(
                [cluster.binaries.path(program), "-h", cluster.socketDirectory, "-p", "\(cluster.port)", "-U", user]
                    + arguments + ["-d", database.name], input: input)
        }
        #expect(outcome.succeeded, "\(program): \(outcome.errors)")
        return outcome.output
    }

    private func empty(beside database: TestDatabase, _ suffix: String) async throws -> TestDatabase {
        let other = TestDatabase(cluster: database.cluster, name: "\(database.name)_\(suffix)")
        try await database.sql("CREATE DATABASE \(other.name) OWNER convonet_owner")
        return other
    }

    /// Everything works, nothing is amiss, and the log holds together with what comes next.
    private func expectWell(_ database: TestDatabase, events: Int) async throws {
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        _ = try await migrator.migrate(request)
        #expect(try await migrator.plan(request).isEmpty)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        // The link that was asked for waits for a program that sends it.
        #expect(!found.contains { $0.grade == .problem && $0.check != "mail" }, "\(found)")
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.people(3)[2]).outcome == .done)
        let verified = try await database.session(.auditor).audit.verify()
        // What was noted past the functions comes into the log with the next event.
        #expect(verified.problem == nil && verified.events == events + 2, "\(verified)")
    }

    @Test(arguments: [[], ["--no-owner", "--no-acl"]])
    func aWholeDumpIsRestoredAndMigrateMakesItWell(options: [String]) async throws {
        let database = try await used()
        let script = try await run("pg_dump", options, on: database, as: "postgres")
        let other = try await empty(beside: database, "whole")
        try await other.cluster.sql(script, database: other.name, user: options.isEmpty ? nil : "convonet_owner")
        try await expectWell(other, events: 2)
    }

    @Test func whoMayReadEverythingDumpsEverything() async throws {
        let database = try await used()
        try await database.sql("CREATE ROLE backup_\(database.name) LOGIN IN ROLE pg_read_all_data")
        let script = try await run("pg_dump", [], on: database, as: "backup_\(database.name)")
        let other = try await empty(beside: database, "read")
        try await other.cluster.sql(script, database: other.name)
        try await expectWell(other, events: 2)
        // Both schemas by name, too.
        let both = try await empty(beside: database, "both")
        let parts = try await run(
            "pg_dump", ["-n", "public", "-n", "convonet_admin"], on: database, as: "backup_\(database.name)")
        try await both.cluster.sql(parts.replacing("CREATE SCHEMA public;", with: ""), database: both.name)
        try await expectWell(both, events: 2)
    }

    /// The application's tables alone, without the trigger that needs our schema; then a new installation.
    @Test func theApplicationsSchemaAloneIsRestoredByAListWithoutTheTrigger() async throws {
        let database = try await used()
        let script = try await run("pg_dump", ["-n", "public"], on: database, as: "convonet_owner")
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
        let without = lines.filter {
            !$0.contains("TRIGGER convonet_admin_direct_change") && $0 != "CREATE SCHEMA public;"
        }
        #expect(without.count < lines.count)
        let other = try await empty(beside: database, "alone")
        try await other.cluster.sql(without.joined(separator: "\n"), database: other.name)
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants)
        #expect(try await !Migrator(try other.pool()).migrate(request).isEmpty)
        try await expectWell(other, events: -1)
    }
}
