import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// The owner of a database has whoever signs in there act as them.
@Suite(.dropsDatabases) struct ActingRoleTests {
    /// What migrate and doctor say to this user.
    private func said(_ database: TestDatabase, to pool: PostgresPool) async throws -> [String] {
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        let refusal = await #expect(throws: AdminError.self) { try await Migrator(pool).migrate(request) }
        let found = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
        let finding = found.first { $0.check == "acting-role" && $0.grade == .problem }
        return [refusal?.description ?? "", "\(finding?.message ?? "") \(finding?.mend ?? "")"]
    }

    @Test(arguments: [
        "ALTER DATABASE %d SET role = 'convonet_owner'", "ALTER ROLE %u IN DATABASE %d SET role = 'convonet_owner'",
        "ALTER ROLE %u SET role = 'convonet_owner'",
    ])
    func nobodyInstallsForSomebodyElse(how: String) async throws {
        let database = try await TestDatabase.make(.application)
        let administrator = "\(database.name)_dba"
        try await database.sql("CREATE ROLE \(administrator) LOGIN SUPERUSER")
        let setting = how.replacing("%d", with: database.name).replacing("%u", with: administrator)
        try await database.sql(setting)
        let pool = PostgresPool(
            try ConnectionParameters(
                database.connectionString() + " user=\(administrator)", applicationName: "tests", environment: [:]))
        let reset = setting.replacing("SET role = 'convonet_owner'", with: "RESET role;")
        for text in try await said(database, to: pool) {
            #expect(text.contains("acts as convonet_owner here") && text.contains(reset), "\(text)")
        }
        #expect(try await database.sql("SET ROLE NONE; SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
        try await database.sql(reset)
        await pool.close()
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        #expect(try await !Migrator(pool).migrate(request).isEmpty)
        #expect(
            try await database.sql("SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'convonet_admin'")
                == "\(database.name)_owner")
        try await Migrator(pool).uninstall()
        await pool.close()
        try await database.sql("DROP ROLE \(administrator)")
    }

    @Test func norByTheOptionsOfAConnection() async throws {
        let database = try await TestDatabase.make()
        let pool = PostgresPool(
            try ConnectionParameters(
                database.cluster.connectionString(database: database.name) + " options='-c role=convonet_owner'",
                applicationName: "tests", environment: [:]))
        for text in try await said(database, to: pool) { #expect(text.contains("PGOPTIONS"), "\(text)") }
    }
}
