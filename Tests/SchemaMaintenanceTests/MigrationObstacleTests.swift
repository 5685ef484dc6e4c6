import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

/// Who and what can keep `migrate` from its work: it goes on where it can, and says whose it is where it cannot.
@Suite(.dropsDatabases) struct MigrationObstacleTests {
    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
    /// Something to mend, so that views and functions are made anew.
    private static let difference = "REVOKE USAGE ON SCHEMA convonet_admin FROM desk_operator"

    private func refusal(_ body: () async throws -> Void) async -> String {
        await #expect(throws: AdminError.self) { try await body() }?.description ?? ""
    }

    @Test func viewsOnOursAreNotInTheWay() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE SCHEMA mine AUTHORIZATION test_viewer; SET ROLE test_viewer;
            CREATE VIEW mine.lasting AS SELECT * FROM convonet_admin.account_search;
            """)
        try await database.pool(.viewer).withConnection { viewer in
            try await viewer.run(
                script: "CREATE TEMP VIEW passing AS SELECT * FROM convonet_admin.accounts;", limit: .seconds(10))
            try await database.sql(Self.difference)
            let migrator = Migrator(try database.pool())
            #expect(try await !migrator.migrate(request).isEmpty)
            #expect(try await migrator.plan(request).isEmpty)
            let rows = try await viewer.query("SELECT count(*) FROM pg_temp.passing", limit: .seconds(10))
            #expect(try rows.first?.int(0) == 200)
            // To take the views away is another thing.
            let words = await refusal { try await migrator.detach() }
            let process = try #require(viewer.details?.backendPID)
            #expect(words.contains("temporary view") && words.contains("passing of test_viewer"), "\(words)")
            #expect(words.contains("of test_viewer there are") && words.contains("\(process)"), "\(words)")
            #expect(words.contains("view mine.lasting of test_viewer") && !words.contains("SQLSTATE"), "\(words)")
            try await viewer.run(script: "DROP VIEW pg_temp.passing;", limit: .seconds(10))
        }
        try await database.sql("DROP VIEW mine.lasting")
        try await Migrator(try database.pool()).detach()
    }

    /// Whoever may name the schema can rest something on any function in it, also on one that they may not call.
    @Test func functionsAndViewsOnOurFunctionsAreNotInTheWay() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE SCHEMA mine AUTHORIZATION test_viewer; SET ROLE test_viewer;
            CREATE FUNCTION mine.lasting() RETURNS boolean BEGIN ATOMIC SELECT convonet_admin.account_is_protected(NULL); END;
            CREATE FUNCTION mine.uncalled() RETURNS void BEGIN ATOMIC SELECT convonet_admin.hand_run_deferred(); END;
            CREATE TABLE mine.log (hidden boolean DEFAULT convonet_admin.people_are_hidden());
            """)
        let numbers =
            "SELECT string_agg(p.oid::text, ' ' ORDER BY p.oid) FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace"
        let before = try await database.sql(numbers)
        try await database.pool(.viewer).withConnection { viewer in
            try await viewer.run(
                script: "CREATE TEMP VIEW passing AS SELECT waiting FROM convonet_admin.mail_state();",
                limit: .seconds(10))
            try await database.sql(Self.difference)
            let migrator = Migrator(try database.pool())
            #expect(try await !migrator.migrate(request).isEmpty)
            #expect(try await migrator.plan(request).isEmpty)
            #expect(try await database.sql(numbers) == before)
            #expect(try await viewer.query("SELECT FROM pg_temp.passing", limit: .seconds(10)).count == 1)
            let process = try #require(viewer.details?.backendPID)
            let words = await refusal { try await migrator.uninstall() }
            for part in [
                "function mine.lasting() of test_viewer", "function mine.uncalled() of test_viewer",
                "DROP FUNCTION mine.uncalled();", "ALTER TABLE mine.log ALTER COLUMN hidden DROP DEFAULT;",
                "of test_viewer there are \(process)",
            ] {
                #expect(words.contains(part), "\(words)")
            }
            try await viewer.run(script: "DROP VIEW pg_temp.passing;", limit: .seconds(10))
        }
        try await database.sql("DROP SCHEMA mine CASCADE")
        try await Migrator(try database.pool()).uninstall()
    }

    /// What differs in its result cannot be replaced; what rests on the others is not in the way, and not named.
    @Test func whatRestsOnAFunctionThatMustGoIsNamedWithWhatDropsIt() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            DROP FUNCTION convonet_admin.account_is_protected(uuid);
            CREATE FUNCTION convonet_admin.account_is_protected(p_account uuid) RETURNS integer LANGUAGE sql AS 'SELECT 1';
            ALTER FUNCTION convonet_admin.account_is_protected(uuid) OWNER TO desk_owner;
            CREATE SCHEMA mine AUTHORIZATION test_viewer; SET ROLE test_viewer;
            CREATE FUNCTION mine.lasting() RETURNS integer BEGIN ATOMIC SELECT convonet_admin.account_is_protected(NULL); END;
            CREATE VIEW mine.on_it AS SELECT mine.lasting();
            CREATE FUNCTION mine.harmless() RETURNS void BEGIN ATOMIC SELECT convonet_admin.hand_run_deferred(); END;
            """)
        let migrator = Migrator(try database.pool())
        let words = await refusal { _ = try await migrator.migrate(request) }
        #expect(words.contains("DROP VIEW mine.on_it; DROP FUNCTION mine.lasting();"), "\(words)")
        #expect(words.contains("view mine.on_it of test_viewer") && !words.contains("harmless"), "\(words)")
        try await database.sql("DROP VIEW mine.on_it; DROP FUNCTION mine.lasting();", as: .viewer)
        #expect(try await !migrator.migrate(request).isEmpty)
        #expect(try await migrator.plan(request).isEmpty)
    }

    @Test func aColumnOfAnotherTypeMakesTheViewsAnew() async throws {
        let database = try await TestDatabase.make()
        let migrator = Migrator(try database.pool())
        try await migrator.detach()
        try await database.sql(
            "ALTER TABLE users_convonet ALTER COLUMN updated_at TYPE timestamp, ALTER COLUMN is_active DROP NOT NULL",
            as: .owner)
        _ = try await migrator.migrate(request)
        #expect(try await migrator.plan(request).isEmpty)
        // What the view shows by another type cannot be replaced in place.
        try await database.sql(
            """
            DROP VIEW convonet_admin.account_search, convonet_admin.account_pieces, convonet_admin.accounts;
            SET ROLE desk_hand; RESET ROLE; GRANT CREATE, USAGE ON SCHEMA convonet_admin TO desk_hand; SET ROLE desk_hand;
            CREATE VIEW convonet_admin.accounts AS SELECT 1 AS id;
            """)
        _ = try await migrator.migrate(request)
        #expect(try await migrator.plan(request).isEmpty)
        #expect(try await database.session(.viewer).accounts.page(of: AccountSelection(), limit: 3).accounts.count == 3)
    }

    @Test func whoHoldsWhatIsNeededIsNamedWithWhatEndsIt() async throws {
        let database = try await TestDatabase.make()
        let read = "BEGIN; SELECT count(*) FROM convonet_admin.accounts;"
        try await database.sql("\(read) \(database.prepareTransaction)", as: .operator)
        try await database.sql(Self.difference)
        let migrator = Migrator(try database.pool())
        try await database.pool(.viewer).withConnection { viewer in
            try await viewer.run(script: read, limit: .seconds(10))
            let process = try #require(viewer.details?.backendPID)
            let words = await refusal { _ = try await migrator.migrate(request) }
            #expect(words.contains("process \(process) of test_viewer (convonet-admin tests)"), "\(words)")
            #expect(words.contains("SELECT pg_terminate_backend(\(process));"), "\(words)")
            #expect(words.contains("'\(database.name)' of test_operator, which is prepared"), "\(words)")
            #expect(words.contains("ROLLBACK PREPARED '\(database.name)';"), "\(words)")
            await viewer.rollback()
        }
        try await database.sql("ROLLBACK PREPARED '\(database.name)'", as: .operator)
        #expect(try await !migrator.migrate(request).isEmpty)
    }

    @Test func whatCallsAFunctionPlantedAmongOursIsNamed() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE FUNCTION convonet_admin.planted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            ALTER FUNCTION convonet_admin.planted() OWNER TO desk_owner;
            CREATE TRIGGER planted BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION convonet_admin.planted();
            """)
        let migrator = Migrator(try database.pool())
        let words = await refusal { _ = try await migrator.migrate(request) }
        #expect(words.contains("trigger planted on table") && words.contains("Drop them"), "\(words)")
        #expect(!words.contains("SQLSTATE"))
        try await database.sql("DROP TRIGGER planted ON users_convonet", as: .owner)
        #expect(try await !migrator.migrate(request).isEmpty)
        #expect(try await database.sql("SELECT to_regprocedure('convonet_admin.planted()') IS NULL") == "t")
    }

    @Test func whatBelongsToOthersAmongOursIsNamed() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            "CREATE FUNCTION convonet_admin.planted() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE convonet_admin.odd"
        )
        let migrator = Migrator(try database.pool())
        let words = await refusal { _ = try await migrator.migrate(request) }
        #expect(words.contains("function convonet_admin.planted() of postgres"), "\(words)")
        #expect(words.contains("sequence convonet_admin.odd of postgres"), "\(words)")
        try await database.sql("DROP FUNCTION convonet_admin.planted(); DROP SEQUENCE convonet_admin.odd")
        #expect(try await migrator.plan(request).isEmpty)
    }

    @Test(arguments: [
        "CREATE SCHEMA convonet_admin", "CREATE SCHEMA convonet_admin; CREATE TABLE convonet_admin.other (n integer)",
    ])
    func aSchemaOfOurNameThatIsNotOursIsSaid(sql: String) async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(sql, as: .owner)
        let migrator = Migrator(try database.pool())
        let words = await refusal { _ = try await migrator.migrate(request) }
        #expect(words.contains("a schema convonet_admin of convonet_owner") && !words.contains("SQLSTATE"), "\(words)")
        try await database.sql("DROP SCHEMA convonet_admin CASCADE", as: .owner)
        #expect(try await !migrator.migrate(request).isEmpty)
    }

    /// What lacks its row, or more, may hold a log all the same: nobody is told to drop it.
    @Test(arguments: [
        ("DELETE FROM convonet_admin.installation", "-t installation "),
        (
            "DELETE FROM convonet_admin.installation; DELETE FROM convonet_admin.policy",
            "-t installation -t policy "
        ),
        ("DROP TABLE convonet_admin.installation", "not the table installation"),
        (
            "DROP TABLE convonet_admin.installation, convonet_admin.policy, convonet_admin.audit_head CASCADE",
            "audit_event"
        ),
        ("ALTER SCHEMA convonet_admin OWNER TO postgres", "may hold your log"),
        (
            "CREATE TRIGGER odd AFTER INSERT ON convonet_admin.policy EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "undo it alone"
        ),
    ])
    func whatWasInstalledIsNotForgotten(loss: String, advice: String) async throws {
        for template in [TestDatabase.Template.migrated, .migratedWithoutRoles] {
            let database = try await TestDatabase.make(template)
            try await database.sql(loss)
            var request = request
            request.withoutRoles = template == .migratedWithoutRoles
            let words = await refusal { _ = try await Migrator(try database.pool()).migrate(request) }
            #expect(words.contains(advice) && !words.contains("SQLSTATE"), "\(words)")
            #expect(!words.contains("DROP SCHEMA") && !words.contains("and drop it."), "\(words)")
            let found = await DatabaseExamination(try database.pool(), usersTable: .usersConvonet).findings()
            let schema = found.filter { $0.check == "schema" }.compactMap(\.mend).joined()
            #expect(!schema.contains("drop it and run"), "\(schema)")
        }
    }

    @Test func aTriggerThatNotesLessThanOursIsNotTakenForIt() async throws {
        let database = try await TestDatabase.make()
        var watching = request
        watching.watchesDirectChanges = true
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(watching)
        let look = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        for (change, check) in [
            ("WHEN (false) EXECUTE FUNCTION convonet_admin.note_direct_change()", "installed"),
            ("EXECUTE FUNCTION suppress_redundant_updates_trigger()", "direct-changes"),
        ] {
            try await database.sql(
                """
                DROP TRIGGER convonet_admin_direct_change ON users_convonet;
                CREATE TRIGGER convonet_admin_direct_change \(check == "installed" ? "AFTER" : "BEFORE") UPDATE
                    ON users_convonet FOR EACH ROW \(change);
                """)
            #expect(await look.findings().contains { $0.check == check && $0.grade == .problem })
            _ = try await migrator.migrate(request)
            #expect(await look.findings().allSatisfy { $0.grade != .problem })
            #expect(try await migrator.plan(request).isEmpty)
        }
    }
}
