import AuditVerification
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// A database, or a session, in which the server quotes every name that it writes.
@Suite(.dropsDatabases) struct QuotedIdentifiersTests {
    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    private let request = MigrationRequest(
        rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants, watchesDirectChanges: true)

    private func expectWell(_ database: TestDatabase) async throws {
        let bare = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        #expect(try await Migrator(try database.pool()).plan(bare).isEmpty)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(found.allSatisfy { $0.grade != .problem }, "\(found)")
        #expect(found.contains { $0.check == "installed" && $0.grade == .ok }, "\(found)")
    }

    private func setting(_ value: String, _ database: TestDatabase) async throws {
        try await database.sql("ALTER DATABASE \(database.name) SET quote_all_identifiers = \(value)")
    }

    /// By the program, and by psql, which runs what the program prints.
    @Test(arguments: [false, true]) func installsAndIsWellUnderEitherSetting(isPrinted: Bool) async throws {
        let database = try await TestDatabase.make(.application)
        try await setting("on", database)
        if isPrinted {
            let script = try await Migrator(try database.pool()).plan(request).script
            try await database.sql("BEGIN;\n\(script)COMMIT;", as: .owner)
        } else {
            _ = try await Migrator(try database.pool()).migrate(request)
        }
        try await expectWell(database)
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL WHERE id = '\(person.idText)'", as: .owner)
        let now = try #require(try await desk.accounts.account(id: person.id))
        #expect(try await desk.perform(.issuePIN, on: now).outcome == .done)
        try await SearchIndex(try database.pool(), table: .usersConvonet).build { _, _, _ in }
        try await expectWell(database)
        try await setting("off", database)
        try await expectWell(database)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// What somebody changed is named, and mended, as elsewhere.
    @Test func whatWasChangedIsMended() async throws {
        let database = try await TestDatabase.make()
        try await setting("on", database)
        try await database.sql(
            "DROP FUNCTION convonet_admin.hand_run_deferred(); DROP VIEW convonet_admin.password_changes")
        let bare = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        #expect(try await !Migrator(try database.pool()).migrate(bare).isEmpty)
        try await expectWell(database)
        try await Migrator(try database.pool()).detach()
        _ = try await Migrator(try database.pool()).migrate(bare)
        try await expectWell(database)
    }
}
