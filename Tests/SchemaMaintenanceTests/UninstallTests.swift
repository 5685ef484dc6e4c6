import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

@Suite(.dropsDatabases) struct UninstallTests {
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

    /// Roles of an application that are called like ours, with the rights that ours could have.
    private func victims(_ prefix: String, in database: TestDatabase) async throws {
        try await database.sql(
            """
            CREATE ROLE \(prefix)owner; CREATE ROLE \(prefix)hand; CREATE ROLE \(prefix)viewer; GRANT \(prefix)viewer TO test_viewer;
            GRANT \(prefix)owner TO test_stranger; GRANT ALL ON users_convonet TO \(prefix)owner;
            GRANT SELECT ON teams_convonet TO \(prefix)owner;
            """)
    }

    /// Where a superuser owns the schema, its owner says nothing of the roles: the hand's functions do, or nothing.
    @Test(arguments: [true, false]) func nobodyElsesRolesAreDroppedFromASuperusersSchema(keepsHand: Bool) async throws {
        let database = try await TestDatabase.make(.application)
        let (own, other) = ("\(database.name)_", "\(database.name)_victim_")
        _ = try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: own))
        try await victims(other, in: database)
        try await database.sql(
            """
            REASSIGN OWNED BY \(own)owner\(keepsHand ? "" : ", \(own)hand") TO postgres;
            UPDATE convonet_admin.installation SET role_prefix = '\(other)'
            """)
        let pool = try database.superuserPool()
        func counted(_ prefix: String) async throws -> String {
            try await database.sql("SELECT count(*) FROM pg_roles WHERE rolname ~ '^\(prefix)(owner|hand|viewer)$'")
        }
        if keepsHand {
            for _ in 0..<2 {
                await #expect { try await Migrator(pool).uninstall() } throws: {
                    "\($0)".contains("functions in it to \(own)hand, but its table")
                }
            }
            await #expect(throws: AdminError.self) { _ = try await InstalledRoles(pool).find() }
            await #expect(throws: AdminError.self) {
                _ = try await Migrator(pool).plan(MigrationRequest(rolePrefix: other))
            }
            try await database.sql("UPDATE convonet_admin.installation SET role_prefix = '\(own)'")
            try await Migrator(pool).uninstall()
            #expect(try await counted(own) == "0")
        } else {
            #expect(try await !InstalledRoles(pool).find().areProven)
            try await Migrator(pool).uninstall()
            #expect(try await counted(own) == "3")
        }
        #expect(try await database.sql("SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
        #expect(try await counted(other) == "3")
        #expect(
            try await database.sql(
                "SELECT has_table_privilege('\(other)owner', 'users_convonet', 'DELETE'), pg_has_role('test_viewer', '\(other)viewer', 'USAGE')"
            ) == "t|t")
    }

    /// A schema of the two roles that says that there are none would leave what they have elsewhere.
    @Test func aSchemaOfTheRolesThatSaysItHasNoneIsNotRemoved() async throws {
        let database = try await TestDatabase.make(.application)
        let own = "\(database.name)_"
        _ = try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: own))
        try await database.sql(
            """
            CREATE SCHEMA stray; CREATE FUNCTION stray.pins() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::text';
            ALTER FUNCTION stray.pins() OWNER TO \(own)hand; UPDATE convonet_admin.installation SET role_prefix = NULL
            """)
        for pool in [try database.superuserPool(), try database.pool()] {
            await #expect { try await Migrator(pool).uninstall() } throws: {
                "\($0)".contains("says that it has no roles")
            }
            await #expect(throws: AdminError.self) { _ = try await Migrator(pool).detachScript() }
        }
        try await database.sql("UPDATE convonet_admin.installation SET role_prefix = '\(own)'")
        await #expect { try await Migrator(try database.superuserPool()).uninstall() } throws: {
            "\($0)".contains("function stray.pins()")
        }
        try await database.sql("DROP SCHEMA stray CASCADE")
        try await Migrator(try database.superuserPool()).uninstall()
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
        #expect(try await InstalledRoles(try database.pool()).find().names.count == 10)
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
