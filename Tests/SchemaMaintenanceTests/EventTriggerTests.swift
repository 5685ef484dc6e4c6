import AuditVerification
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

@Suite(.dropsDatabases) struct EventTriggerTests {
    /// A site's own log of every DDL, in a table that nobody else may write to.
    private func logging(_ database: TestDatabase, _ setting: String = "") async throws {
        try await database.sql(
            """
            CREATE SCHEMA site; CREATE TABLE site.ddl (command text); GRANT USAGE ON SCHEMA site TO PUBLIC;
            CREATE FUNCTION site.note() RETURNS event_trigger LANGUAGE plpgsql \(setting) AS $$
            BEGIN INSERT INTO site.ddl VALUES (tg_tag); END $$;
            CREATE EVENT TRIGGER site_note ON ddl_command_end EXECUTE FUNCTION site.note();
            """)
    }

    private func request(_ database: TestDatabase) -> MigrationRequest {
        MigrationRequest(rolePrefix: "\(database.name)_")
    }

    @Test func oneThatRefusesAStepIsNamedAndTheMendHolds() async throws {
        let database = try await TestDatabase.make(.application)
        try await logging(database)
        let migrator = Migrator(try database.pool())
        await #expect {
            try await migrator.migrate(request(database))
        } throws: { error in
            let text = "\(error)"
            return text.contains("site_note (function site.note of postgres)") && text.contains("42501")
                && text.contains("ALTER EVENT TRIGGER site_note DISABLE;") && text.contains("convonet_owner")
        }
        try await database.sql("ALTER FUNCTION site.note() SECURITY DEFINER")
        #expect(try await !migrator.migrate(request(database)).isEmpty)
        #expect(try await migrator.plan(request(database)).isEmpty)
        #expect(try await database.sql("SELECT count(*) > 10 FROM site.ddl") == "t")
    }

    @Test func oneThatForbidsIsNamedWhateverIsDone() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE FUNCTION public.freeze() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
            CREATE EVENT TRIGGER "no DDL" ON ddl_command_start EXECUTE FUNCTION public.freeze();
            """)
        func isNamed(_ error: any Error) -> Bool {
            "\(error)".contains("\"no DDL\" (function") && "\(error)".contains("P0001")
        }
        let migrator = Migrator(try database.pool())
        await #expect { try await migrator.detach() } throws: { isNamed($0) }
        await #expect { try await migrator.uninstall() } throws: { isNamed($0) }
        let index = SearchIndex(try database.pool())
        await #expect { try await index.build { _, _, _ in } } throws: { isNamed($0) }
        try await database.sql("ALTER EVENT TRIGGER \"no DDL\" DISABLE")
        try await migrator.detach()
    }

    @Test func whoIsNotTheOwnerIsToldThatWhereThereIsNone() async throws {
        let database = try await TestDatabase.make(.application)
        await #expect(throws: AdminError.notPermitted(.migrate)) {
            try await Migrator(try database.pool(.stranger)).migrate(request(database))
        }
    }

    /// On every new table, as hosts do it.
    private func securing(_ database: TestDatabase, _ how: String) async throws {
        try await database.sql(
            """
            CREATE FUNCTION public.secure() RETURNS event_trigger LANGUAGE plpgsql AS $$
            DECLARE made record;
            BEGIN
                FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE TABLE' LOOP
                    EXECUTE format('ALTER TABLE %s \(how)', made.object_identity);
                END LOOP;
            END $$;
            CREATE EVENT TRIGGER secure ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
                EXECUTE FUNCTION public.secure();
            """)
    }

    /// Forced, it holds for the owner too, who then cannot fill the tables that it makes.
    @Test func oneThatForcesRowLevelSecurityIsNamed() async throws {
        let database = try await TestDatabase.make(.application)
        try await securing(database, "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        await #expect {
            try await Migrator(try database.pool()).migrate(request(database))
        } throws: { "\($0)".contains("secure (function") && "\($0)".contains("leave out those of convonet_admin") }
    }

    /// Whatever `migrate` takes back, it turns on again.
    @Test(arguments: ["FORCE", "ENABLE"])
    func oneThatDoesSoAtEachChangeOfATableIsNamed(what: String) async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            """
            CREATE FUNCTION public.secure() RETURNS event_trigger LANGUAGE plpgsql AS $$
            DECLARE made record;
            BEGIN
                FOR made IN SELECT DISTINCT c.objid FROM pg_event_trigger_ddl_commands() c JOIN pg_class r ON r.oid = c.objid
                            WHERE r.relkind = 'r' AND NOT (r.relrowsecurity OR r.relforcerowsecurity) LOOP
                    EXECUTE format('ALTER TABLE %s \(what) ROW LEVEL SECURITY', made.objid::regclass);
                END LOOP;
            END $$;
            CREATE EVENT TRIGGER secure ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
                EXECUTE FUNCTION public.secure();
            """)
        let migrator = Migrator(try database.pool())
        await #expect {
            try await migrator.migrate(request(database))
        } throws: {
            "\($0)".contains("secure (function") && "\($0)".contains("Row-level security was turned on")
                && !"\($0)".contains("SQLSTATE")
        }
        try await database.sql("ALTER EVENT TRIGGER secure DISABLE")
        #expect(try await !migrator.migrate(request(database)).isEmpty)
    }

    @Test func oneThatTurnsRowLevelSecurityOnLeavesAWorkingInstallation() async throws {
        let database = try await TestDatabase.make(.application)
        try await securing(database, "ENABLE ROW LEVEL SECURITY")
        var request = request(database)
        request.grants = [
            .init(kind: .operator, role: "test_operator"), .init(kind: .auditor, role: "test_auditor"),
        ]
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(request)
        request.grants = []
        #expect(try await migrator.plan(request).isEmpty)
        let desk = try await database.session(.operator)
        let change = AccountChange(account: try await desk.person(), action: .clearPIN)
        #expect(try await desk.changes.perform(change).outcome == .done)
        let verified = try await database.session(.auditor).audit.verify()
        #expect(verified.problem == nil && verified.events == 1)
        #expect(
            try await database.sql(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'convonet_admin'::regnamespace AND relrowsecurity")
                == "0")
    }
}
