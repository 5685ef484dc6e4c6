import AccountPolicy
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// From earlier versions of the schema, kept beside this file as they were, to this program's.
@Suite(.dropsDatabases) struct UpgradeTests {
    /// The application's teams are a superuser's, and whoever migrates may not say who reads them.
    @Test func teamsOfASuperuserStopIt() async throws {
        let database = try await Self.oldDatabase(version: 9)
        try await database.sql(
            "ALTER TABLE team_memberships_convonet OWNER TO postgres; ALTER TABLE teams_convonet OWNER TO postgres")
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }
        let words = error?.description ?? ""
        let start = try #require(words.firstRange(of: "CREATE ROLE")?.lowerBound, "\(words)")
        let end = try #require(words.firstRange(of: " Then run")?.lowerBound)
        try await database.sql(String(words[start..<end]))
        try await database.sql("ALTER ROLE \(database.name)_reader NOLOGIN")
        if database.cluster.serverVersion >= 16 {
            try await database.sql(
                "GRANT \(database.name)_reader TO convonet_owner WITH ADMIN TRUE, SET FALSE, INHERIT FALSE")
        }
        #expect(try await !migrator.migrate(request).isEmpty)
        #expect(
            try await database.sql(
                "SELECT has_table_privilege('\(database.name)_hand', 'teams_convonet', 'SELECT'), has_table_privilege('\(database.name)_reader', 'teams_convonet', 'SELECT')"
            ) == "f|t")
    }

    /// A role that is new in a version, and that somebody is a member of already, could be acted as by a session that goes on.
    @Test func aNewRoleWithMembersStopsIt() async throws {
        let database = try await Self.oldDatabase(version: 9)
        try await database.sql("CREATE ROLE \(database.name)_reader ROLE test_stranger")
        if database.cluster.serverVersion >= 16 {
            try await database.sql(
                "GRANT \(database.name)_reader TO convonet_owner WITH ADMIN TRUE, SET FALSE, INHERIT FALSE")
        }
        let error = await #expect(throws: AdminError.self) {
            try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: "\(database.name)_"))
        }
        #expect(error?.description.contains("has members, who would have its rights: test_stranger") == true)
    }

    /// A group of the site's that is called as our reader is, and may read what it was made for.
    @Test(arguments: [9, nil]) func aRoleWithRightsOfItsOwnStopsIt(version: Int?) async throws {
        let database =
            if let version { try await Self.oldDatabase(version: version) } else {
                try await TestDatabase.make(.application)
            }
        let role = "\(database.name)_reader"
        try await database.sql("CREATE ROLE \(role) NOLOGIN")
        if database.cluster.serverVersion >= 16 {
            try await database.sql("GRANT \(role) TO convonet_owner WITH ADMIN TRUE, SET FALSE, INHERIT FALSE")
        }
        try await database.sql("GRANT SELECT ON users_convonet TO \(role)", as: .owner)
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }
        #expect(error?.description.contains("already exists and has rights") == true, "\(String(describing: error))")
        #expect(error?.description.contains("--role-prefix") == (version == nil))
        try await database.sql("REVOKE ALL ON users_convonet FROM \(role)", as: .owner)
        #expect(try await !migrator.migrate(request).isEmpty)
    }

    /// What somebody made of the name of the site's view is not touched.
    @Test(arguments: [
        "CREATE TYPE convonet_admin_phone_numbers AS (a int)", "CREATE TABLE convonet_admin_phone_numbers ()",
    ])
    func anothersOfTheNameOfNumbersIsNotTouched(making: String) async throws {
        let database = try await Self.oldDatabase(version: 9)
        try await database.sql("GRANT CREATE ON SCHEMA public TO test_stranger")
        try await database.sql(making, as: .stranger)
        let migrator = Migrator(try database.superuserPool())
        #expect(try await !migrator.migrate(MigrationRequest(rolePrefix: "\(database.name)_")).isEmpty)
    }

    /// A database with an earlier version, installed by the application's owner, who was a member of the schema's owner before
    /// version 4; with a person's PIN issued through it, and a policy that is not the standard.
    static func oldDatabase(version: Int) async throws -> TestDatabase {
        let database = try await TestDatabase.make(.application)
        let kinds =
            ["owner", "viewer", "operator", "auditor", "supervisor", "selfservice"]
            + (version < 4 ? [] : ["hand", "application"]) + (version < 9 ? [] : ["scheduler"])
            + (version < 10 ? [] : ["reader"])
        try await database.sql(
            kinds.map { "CREATE ROLE \(database.name)_\($0) NOLOGIN;" }.joined()
                + (version < 4 ? "GRANT \(database.name)_owner TO convonet_owner" : ""), as: .owner)
        let script = String(
            decoding: try SourceTree.contents(
                of: SourceTree.root + "/Tests/SchemaMaintenanceTests/Versions/version_\(version).sql"), as: UTF8.self)
        try await database.sql(
            "BEGIN;\n" + script.replacing("desk_", with: "\(database.name)_") + "COMMIT;", as: .owner)
        try await database.sql("UPDATE convonet_admin.policy SET minimum_length = 11, require_ticket = true")
        try await database.sql(
            """
            SELECT convonet_admin.issue_voice_pin(a.id, a.version, gen_random_uuid(), '{"ticket": "T-1"}')
            FROM convonet_admin.accounts a ORDER BY a.id LIMIT 1
            """)
        return database
    }

    static func request(_ database: TestDatabase) -> MigrationRequest {
        MigrationRequest(
            rolePrefix: "\(database.name)_",
            grants: [.init(kind: .operator, role: "test_operator"), .init(kind: .auditor, role: "test_operator")],
            watchesDirectChanges: true)
    }

    /// What the catalogue says, with the roles' prefix left out, which each database here has of its own.
    private func catalogue(_ database: TestDatabase) async throws -> Set<Substring> {
        Set(try await database.sql(MigrationTests.ours).replacing("\(database.name)_", with: "").split(separator: "\n"))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) func anEarlierVersionBecomesThisOneAndKeepsItsLog(
        version: Int
    )
        async throws
    {
        let database = try await Self.oldDatabase(version: version)
        if version >= 3 {
            try await database.sql(
                """
                SELECT convonet_admin.reset_password(
                    a.id, a.version, '$2b$12$' || repeat('a', 53), gen_random_uuid(), '{"ticket": "T-1", "method": "generated"}')
                FROM convonet_admin.accounts a WHERE a.is_active AND a.sign_in = 'password' ORDER BY a.id LIMIT 1;
                SELECT convonet_admin.send_reset_link(a.id, a.version, gen_random_uuid(), '{"ticket": "T-1"}')
                FROM convonet_admin.accounts a WHERE a.is_active AND a.sign_in = 'password' ORDER BY a.id LIMIT 1
                """)
        }
        let plan = try await Migrator(try database.pool()).migrate(Self.request(database))
        #expect(plan.summary.contains { $0.hasPrefix("Update the schema convonet_admin from version \(version) to ") })
        #expect(
            plan.summary.contains { $0.hasPrefix("Remove convonet_owner from \(database.name)_owner") }
                == (version < 4))
        #expect(try await Migrator(try database.pool()).plan(MigrationRequest(rolePrefix: "\(database.name)_")).isEmpty)

        let fresh = try await TestDatabase.make(.application)
        _ = try await Migrator(try fresh.pool()).migrate(Self.request(fresh))
        let differences = try await catalogue(database).symmetricDifference(catalogue(fresh)).sorted()
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")

        // Which tokens still count is told from the log, whoever kept no table of that before.
        #expect(
            try await database.sql(
                """
                SELECT count(*) FROM convonet_admin.token_cutoff c
                FULL JOIN (SELECT t.account_id, max(t.not_before) AS not_before FROM convonet_admin.token_end t
                           GROUP BY t.account_id) t USING (account_id, not_before)
                WHERE c.account_id IS NULL OR t.account_id IS NULL
                """) == "0")
        let session = try await database.session(.operator)
        #expect(session.policy.requiresTicket)
        #expect(session.policy.password.minimumLength == 11)
        let person = try await session.person()
        let change = AccountChange(account: person, action: .issuePIN, context: ChangeContext(ticket: "T-2"))
        #expect(try await session.changes.perform(change).outcome == .done)
        let verified = try await session.audit.verify()
        #expect(verified.problem == nil)
        #expect(verified.events == (version >= 3 ? 4 : 2))
        // The trigger knows our changes by what announces them now, and others' as before.
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL WHERE id = '\(person.idText)'", as: .owner)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "1")
        if version >= 3 {
            #expect(
                try await database.sql("SELECT count(*) FROM convonet_admin.reset_token WHERE void_at IS NULL") == "1")
        }
        try await Migrator(try database.pool()).uninstall()
        try await Migrator(try fresh.pool()).uninstall()
    }

    @Test(arguments: [
        (3, "CREATE TYPE convonet_admin.person AS (n integer)", "TYPE convonet_admin.person"),
        (3, "CREATE SEQUENCE convonet_admin.pin_answers_1", "SEQUENCE convonet_admin.pin_answers_1"),
        (1, "CREATE TABLE convonet_admin.approval (n integer)", "TABLE convonet_admin.approval"),
        (1, "CREATE TYPE convonet_admin.reset_token AS ENUM ()", "TYPE convonet_admin.reset_token"),
        (4, "CREATE SEQUENCE convonet_admin.done_events_63", "SEQUENCE convonet_admin.done_events_63"),
        (5, "CREATE SEQUENCE convonet_admin.unwritten_refusals", "SEQUENCE convonet_admin.unwritten_refusals"),
    ])
    func whatHasANameThatIsNeededIsNamedWithWhatDropsIt(version: Int, planted: String, name: String) async throws {
        let database = try await Self.oldDatabase(version: version)
        try await database.sql(planted)
        let error = await #expect(throws: AdminError.self) {
            try await Migrator(try database.pool()).migrate(Self.request(database))
        }
        let words = error?.description ?? ""
        #expect(words.contains("DROP \(name);") && !words.contains("SQLSTATE"), "\(words)")
        try await database.sql("DROP \(name);")
        #expect(try await !Migrator(try database.pool()).migrate(Self.request(database)).isEmpty)
        try await Migrator(try database.pool()).uninstall()
    }

    /// A table of a type of ours keeps a step from changing the type; nobody but the owner may use these types since.
    @Test func whatUsesATypeThatChangesIsNamedWithWhatDropsIt() async throws {
        let database = try await Self.oldDatabase(version: 3)
        try await database.sql(
            """
            GRANT CREATE ON SCHEMA public TO test_viewer; GRANT \(database.name)_viewer TO test_viewer; SET ROLE test_viewer;
            CREATE TABLE public.kept OF convonet_admin.attempt; CREATE VIEW public.shown AS SELECT event FROM public.kept
            """)
        let migrator = Migrator(try database.pool())
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(Self.request(database)) }
        let words = error?.description ?? ""
        #expect(words.contains("kept of test_viewer") && !words.contains("SQLSTATE"), "\(words)")
        #expect(words.contains("DROP VIEW public.shown; DROP TABLE public.kept;"), "\(words)")
        try await database.sql("DROP VIEW public.shown; DROP TABLE public.kept")
        #expect(try await !migrator.migrate(Self.request(database)).isEmpty)
        let again = await database.refusal(of: "CREATE TABLE public.kept OF convonet_admin.attempt", as: .viewer)
        #expect(again?.contains("permission denied for type") == true)
        try await database.sql("REVOKE \(database.name)_viewer FROM test_viewer")
        try await migrator.uninstall()
    }

    @Test func whoDoesNotOwnTheTableMayNotBringItUpToDate() async throws {
        let database = try await Self.oldDatabase(version: 1)
        // Whoever installed an early version can act as its owner, so nobody else trusts it before it was brought up to date.
        let error = await #expect(throws: AdminError.self) {
            try await Migrator(try database.pool(.stranger)).migrate(Self.request(database))
        }
        #expect(error?.description.contains("convonet_owner can act as that role") == true)
        try await Migrator(try database.pool()).uninstall()
    }
}
