import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What is said of the installation itself.
extension AdviceTests {
    /// An installation with roles of its own, so that what is done to them meets no other test.
    private func own() async throws -> (TestDatabase, MigrationRequest) {
        let database = try await TestDatabase.make(.application)
        let request = MigrationRequest(
            rolePrefix: "\(database.name)_", grants: [.init(kind: .operator, role: "test_operator")])
        _ = try await Migrator(try database.pool()).migrate(request)
        return (database, request)
    }

    @Test func aUserWhoMayNotUseIt() async throws {
        let (database, request) = try await own()
        #expect(try await advice("schema", database, .stranger).contains("--grant-operator NAME"))
        var granting = request
        granting.grants = [.init(kind: .operator, role: "test_stranger")]
        _ = try await Migrator(try database.pool()).migrate(granting)
        try await expectWell("schema", database, .stranger)
        try await Migrator(try database.pool()).uninstall()
    }

    @Test(arguments: ["owner", "hand", "reader"]) func aRoleThatIsGone(kind: String) async throws {
        let (database, request) = try await own()
        let role = "\(database.name)_\(kind)"
        // As after a restore on another server, where its tables and functions belong to whoever restored them.
        try await database.sql("REASSIGN OWNED BY \(role) TO convonet_owner; DROP OWNED BY \(role); DROP ROLE \(role)")
        let advice = try await advice("owners", database, kind == "owner" ? .owner : .operator)
        #expect(advice.contains("migrate” to create it again"))
        _ = try await Migrator(try database.pool()).migrate(request)
        for check in ["schema", "owners", "installed", "log-guards"] { try await expectWell(check, database) }
        try await Migrator(try database.pool()).uninstall()
    }

    @Test func anEarlierVersion() async throws {
        let database = try await UpgradeTests.oldDatabase(version: 4)
        let request = UpgradeTests.request(database)
        try await database.sql("GRANT \(request.rolePrefix)operator TO test_operator")
        #expect(try await advice("schema", database) == "Run “convonet-admin migrate”.")
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("schema", database)
        try await Migrator(try database.pool()).uninstall()
    }

    @Test func aRowThatIsGone() async throws {
        let database = try await TestDatabase.make()
        let row = try await database.sql("SELECT quote_literal(i::text) FROM convonet_admin.installation i")
        try await database.sql("DELETE FROM convonet_admin.installation")
        #expect(
            try await advice("schema", database).contains("pg_restore --data-only -n convonet_admin -t installation "))
        try await database.sql(
            "INSERT INTO convonet_admin.installation SELECT (\(row)::convonet_admin.installation).*")
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("schema", database)
    }

    @Test func viewsThatWereTakenAway() async throws {
        let database = try await TestDatabase.make()
        try await Migrator(try database.pool()).detach()
        #expect(try await advice("schema", database).contains("migrate” to restore them"))
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("schema", database)
    }

    @Test func aLogOfASuperuser() async throws {
        let (database, request) = try await own()
        let superuser = try await database.sql("SELECT current_user")
        try await database.sql("REASSIGN OWNED BY \(database.name)_owner TO \(superuser)")
        #expect(try await advice("log-guards", database).contains("uninstall, and run migrate as the database's owner"))
        try await Migrator(try database.superuserPool()).uninstall()
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("log-guards", database)
        try await Migrator(try database.pool()).uninstall()
    }
}
