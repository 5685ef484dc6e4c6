import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

/// Writes down this version of the schema, for the upgrade tests of later ones; started by script/dump-schema.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["CONVONET_RECORD_SCHEMA"] == "1"))
struct SchemaFixtureTests {
    @Test func thisVersionIsWrittenDown() async throws {
        let database = try await TestDatabase.make(.application)
        let prefix = "\(database.name)_"
        let plan = try await Migrator(try database.pool()).plan(
            MigrationRequest(rolePrefix: prefix, watchesDirectChanges: true))
        var script = plan.script.replacing(prefix, with: "desk_")
        // It is made with the roles in place, and a million refused PINs say nothing of the schema.
        script = script.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("CREATE ROLE ") }.joined(separator: "\n")
        script.replace(#/INSERT INTO convonet_admin\.refused_pin[^;]*;\n/#, with: "")
        let title =
            "-- Version \(SchemaSource.version) of the schema as it was installed, watching direct changes, but for the table of "
            + "refused PINs.\n"
        let path = SourceTree.root + "/Tests/ConvonetCoreTests/Schema/version_\(SchemaSource.version).sql"
        try (title + script).write(toFile: path, atomically: true, encoding: .utf8)
    }
}
