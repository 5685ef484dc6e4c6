import ConvonetDatabase
import ConvonetSchema
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

/// Writes down this version of the schema, for the upgrade tests of later ones and for the comparison of its tables; started by
/// script/dump-schema.
@Suite(.dropsDatabases, .enabled(if: ProcessInfo.processInfo.environment["CONVONET_RECORD_SCHEMA"] == "1"))
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
            "-- Version \(SchemaVersion.current) of the schema as it was installed, watching direct changes, but for the table of "
            + "refused PINs.\n"
        let path = SourceTree.root + "/Tests/SchemaMaintenanceTests/Versions/version_\(SchemaVersion.current).sql"
        try (title + script).write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test func itsTablesAreWrittenDown() async throws {
        let database = try await TestDatabase.make(.application)
        let plan = try await Migrator(try database.pool()).plan(MigrationRequest(rolePrefix: "\(database.name)_"))
        try await database.sql("BEGIN;\n\(plan.script)COMMIT;", as: .owner)
        let lines = try await database.sql(TableDefinitionTests.tables)
        try (lines + "\n").write(
            toFile: SourceTree.root + "/Sources/ConvonetSchema/SQL/table_definitions.txt", atomically: true,
            encoding: .utf8)
    }
}

/// The list that tables are compared with is what this version makes.
@Suite(.dropsDatabases) struct TableDefinitionTests {
    static let tables = """
        SET search_path = pg_catalog;
        SELECT t.line FROM (\(InstalledState.tables)) AS t (line) ORDER BY t.line COLLATE "C"
        """

    @Test func theListIsWhatMigrateMakes() async throws {
        let database = try await TestDatabase.quick()
        let made = try await database.sql(Self.tables).split(separator: "\n").map(String.init)
        #expect(made == TableDefinitions.lines, "run script/dump-schema --tables after a change of the tables")
    }
}
