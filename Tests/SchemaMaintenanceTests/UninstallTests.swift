import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

@Suite struct UninstallTests {
    @Test func aLogThatGrewSinceItWasExportedIsNotRemoved() async throws {
        let database = try await TestDatabase.withLog(2)
        let migrator = Migrator(try database.pool())
        await #expect(throws: AdminError.self) { try await migrator.uninstall(lastEvent: 1) }
        #expect(try await database.log().count == 2)
        try await migrator.uninstall(lastEvent: 2)
        await #expect(throws: AdminError.schemaMissing) { try await database.session(.auditor) }
    }

    /// What the table of the installation says of the roles could be anybody's who may write it.
    @Test func nobodyElsesRolesAreDropped() async throws {
        let database = try await TestDatabase.make(.application)
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(MigrationRequest(rolePrefix: "\(database.name)_"))
        let victim = "\(database.name)_victim_owner"
        try await database.sql(
            """
            CREATE ROLE \(victim); CREATE SCHEMA hr AUTHORIZATION \(victim); CREATE TABLE hr.payroll (x int);
            ALTER TABLE hr.payroll OWNER TO \(victim);
            UPDATE convonet_admin.installation SET role_prefix = '\(database.name)_victim_'
            """)
        for _ in 0..<2 {
            await #expect { try await migrator.uninstall() } throws: {
                "\($0)".contains("says that its roles begin with")
            }
        }
        #expect(try await database.sql("SELECT count(*) FROM hr.payroll") == "0")
        try await database.sql("UPDATE convonet_admin.installation SET role_prefix = '\(database.name)_'")
        try await database.sql(
            "CREATE TABLE public.stray (x int); ALTER TABLE public.stray OWNER TO \(database.name)_owner")
        await #expect { try await migrator.uninstall() } throws: { "\($0)".contains("table public.stray") }
        try await database.sql("DROP TABLE public.stray")
        try await migrator.uninstall()
        try await database.sql("DROP SCHEMA hr CASCADE; DROP ROLE \(victim)")
    }

    /// Who is in which of our groups, and every right in the schema and on the application's table.
    private func rights(_ database: TestDatabase) async throws -> String {
        try await database.sql(
            """
            SELECT b.roleid::regrole || ' of ' || b.member::regrole || b.admin_option FROM pg_auth_members b
            WHERE starts_with(b.roleid::regrole::text, '\(database.name)_')
            UNION ALL SELECT n.nspname || n.nspacl::text FROM pg_namespace n WHERE n.nspname IN ('convonet_admin', 'public')
            UNION ALL SELECT c.oid::regclass || c.relacl::text FROM pg_class c
            WHERE c.relnamespace IN ('convonet_admin'::regnamespace, 'public'::regnamespace)
            UNION ALL SELECT a.attrelid::regclass || a.attname || a.attacl::text FROM pg_attribute a WHERE a.attacl IS NOT NULL
            UNION ALL SELECT p.oid::regprocedure || p.proacl::text FROM pg_proc p
            WHERE p.pronamespace = 'convonet_admin'::regnamespace ORDER BY 1
            """)
    }

    /// The owner's rights are had for a moment by whatever needs them, and are over when it ends, well or not.
    @Test func whatIsRefusedOrOnlyLookedAtGivesNobodyAnything() async throws {
        let database = try await TestDatabase.make(.application)
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(
            rolePrefix: "\(database.name)_", grants: [.init(kind: .operator, role: "test_operator")])
        _ = try await migrator.migrate(request)
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        let before = try await rights(database)
        func expectNothingGiven(_ what: String) async throws {
            let after = try await rights(database)
            #expect(after == before, "\(what)")
        }
        #expect(try await migrator.log().newest(limit: 1).map(\.sequence) == [1])
        try await expectNothingGiven("a look at the log")
        var walk = try await migrator.log().walk()
        #expect(try await walk.next()?.count == 1)
        try await expectNothingGiven("an export")
        await #expect(throws: AdminError.self) { try await migrator.uninstall(lastEvent: 0) }
        try await expectNothingGiven("a removal that was refused")
        #expect(try await InstalledRoles(try database.pool()).names().count == 8)
        try await expectNothingGiven("the names of the roles")
        _ = try await migrator.plan(request)
        try await expectNothingGiven("a plan")
        _ = try await migrator.detachScript()
        try await expectNothingGiven("a script")
        _ = await DatabaseExamination(try database.pool(), usersTable: .usersConvonet).findings()
        try await expectNothingGiven("doctor")
        _ = try await migrator.migrate(MigrationRequest(rolePrefix: "\(database.name)_"))
        try await expectNothingGiven("a migration with nothing to do")
        await #expect(throws: AdminError.self) {
            try await migrator.migrate(
                MigrationRequest(
                    rolePrefix: "\(database.name)_", grants: [.init(kind: .auditor, role: "nobody at all")]))
        }
        try await expectNothingGiven("a migration that was refused")
        try await database.sql("CREATE VIEW public.kept AS SELECT * FROM convonet_admin.audit_event")
        await #expect(throws: AdminError.self) { try await migrator.uninstall(lastEvent: 1) }
        try await database.sql("DROP VIEW public.kept")
        try await expectNothingGiven("a removal that somebody's view stopped")
        // Who may not become the owner reads nothing.
        await #expect(throws: AdminError.notPermitted(.migrate)) {
            try await Migrator(try database.pool(.stranger)).log().newest(limit: 1)
        }
        try await migrator.uninstall(lastEvent: 1)
    }
}
