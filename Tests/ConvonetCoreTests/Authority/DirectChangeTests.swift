import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct DirectChangeTests {
    private static let watching = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true)

    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    /// A watched database, the application's own user being its owner.
    private func watched(_ template: TestDatabase.Template = .migrated) async throws -> TestDatabase {
        let database = try await TestDatabase.quick(template)
        var request = Self.watching
        request.withoutRoles = template == .migratedWithoutRoles
        _ = try await Migrator(try database.pool()).migrate(request)
        return database
    }

    private func noted(_ database: TestDatabase) async throws -> Int {
        Int(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change")) ?? -1
    }

    @Test func whatIsChangedPastUsComesIntoTheLogWithTheNextEvent() async throws {
        let database = try await watched()
        let desk = try await database.session()
        let people = try await desk.people(3) { $0.isActive && $0.hasVoicePIN && $0.signIn == .password }
        try await database.sql(
            """
            SET application_name = 'the app';
            UPDATE users_convonet SET voice_pin = NULL, is_active = false WHERE id = '\(people[0].idText)';
            UPDATE users_convonet SET password_hash = '$2b$12$x', last_login_at = now() WHERE id = '\(people[1].idText)';
            UPDATE users_convonet SET last_login_at = now(), first_name = 'A', is_verified = false, updated_at = now();
            UPDATE users_convonet SET voice_pin = voice_pin, is_active = is_active;
            BEGIN; UPDATE users_convonet SET voice_pin = NULL; ROLLBACK;
            """, as: .owner)
        #expect(try await database.log().isEmpty)
        let result = try await desk.perform(.clearPIN, on: people[2])
        #expect(result.receipt?.sequence == 3)
        let log = try await database.log()
        #expect(log.map(\.action) == ["direct_change", "direct_change", "clear_voice_pin"])
        #expect(log.map(\.actorKind) == ["outside", "outside", "operator"])
        #expect(log[0].accountID == people[0].id && log[0].accountEmail == people[0].email)
        #expect(log[0].dbUser == "convonet_owner" && log[0].application == "the app" && log[0].operatorName == nil)
        #expect(log[0].detail?.hasPrefix("columns=voice_pin,is_active at=20") == true)
        #expect(log[1].detail?.hasPrefix("columns=password_hash at=20") == true && log[1].requestID == nil)
        #expect(try await noted(database) == 0)
        // Nothing that was set stands anywhere in it.
        #expect(
            try await !database.sql("SELECT string_agg(e::text, '') FROM convonet_admin.audit_event e").contains("$2b"))
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test(arguments: [TestDatabase.Template.migrated, .migratedWithoutRoles])
    func ourOwnChangesAreNotNoted(template: TestDatabase.Template) async throws {
        let database = try await watched(template)
        let user = template == .migrated ? TestDatabase.User.operator : .owner
        let desk = try await database.session(user)
        let person = try await desk.person()
        for action in [AccountChange.Action.generatePassword, .issuePIN, .clearPIN, .setActive(false)] {
            #expect(try await desk.perform(action, on: person).outcome == .done)
        }
        #expect(try await noted(database) == 0)
        // Within the same transaction, a direct change is one.
        let now = try #require(try await desk.accounts.account(id: person.id))
        let direct = "UPDATE users_convonet SET is_active = NOT is_active WHERE id = '\(person.idText)';"
        let sandwich = "BEGIN; \(TestDatabase.call(.setActive(true), now)) \(direct) COMMIT;"
        try await database.sql(template == .migrated ? direct : sandwich, as: .owner)
        #expect(try await noted(database) == 1)
        // After a call that was refused, too; it takes the one before into the log.
        let refused = TestDatabase.call(.setActive(true), now, version: "1")
        try await database.sql("BEGIN; \(template == .migrated ? "" : refused) \(direct) COMMIT;", as: .owner)
        #expect(try await noted(database) == (template == .migrated ? 2 : 1))
    }

    /// Whoever makes a transaction that cannot be serialized does so to change something unseen: it fails instead.
    @Test func whatCannotBeSerializedFails() async throws {
        let database = try await watched()
        let people = try await database.session().people(2)
        @Sendable func change(_ person: Account) -> String {
            "UPDATE users_convonet SET is_active = NOT is_active WHERE id = '\(person.idText)';"
        }
        let begin =
            "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL enable_seqscan = off; SET LOCAL convonet_admin.announced = '1';"
        let before = try await database.stored("is_active", of: people[0])
        try await database.pool().withConnection { first in
            try await first.run(
                script: "\(begin) SAVEPOINT s; \(change(people[1])) ROLLBACK TO s;", limit: .seconds(10))
            try await database.sql("\(begin) \(change(people[1])) COMMIT;", as: .owner)
            await #expect(throws: PostgresError.self) {
                try await first.run(script: "\(change(people[0])) COMMIT;", limit: .seconds(10))
            }
            await first.rollback()
        }
        #expect(try await database.stored("is_active", of: people[0]) == before)
        #expect(try await noted(database) == 1)
    }

    /// What is put on the table besides, by who may call the function, notes nothing of its own; and a number of ours may be as
    /// large as numbers are.
    @Test func nobodyIsAccusedOfWhatWasNotDone() async throws {
        let database = try await watched()
        try await database.sql("SELECT setval('convonet_admin.direct_change_id_seq', 2000000000000000000)")
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
        #expect(try await noted(database) == 0)
        try await database.sql(
            """
            CREATE TRIGGER more AFTER UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION convonet_admin.note_direct_change();
            CREATE TRIGGER come AFTER INSERT ON users_convonet FOR EACH ROW EXECUTE FUNCTION convonet_admin.note_direct_change();
            UPDATE users_convonet SET first_name = 'X' WHERE id = '\(person.idText)';
            CREATE TEMP TABLE kept AS SELECT * FROM users_convonet WHERE id = '\(person.idText)';
            UPDATE kept SET id = gen_random_uuid(), email = 'new@example.org', username = 'new1', voice_pin = NULL;
            INSERT INTO users_convonet SELECT * FROM kept
            """)
        #expect(try await noted(database) == 0)
    }

    @Test func theApplicationsStatementDoesNotWait() async throws {
        let database = try await watched()
        let person = try await database.session().person()
        let direct = "UPDATE users_convonet SET is_active = NOT is_active WHERE id = '\(person.idText)';"
        let before = try await database.stored("is_active", of: person)
        // The lock is held all the while: that the update comes back shows that it did not wait for it.
        let superuser = PostgresPool(
            try ConnectionParameters(
                database.cluster.connectionString(database: database.name), applicationName: "tests", environment: [:]))
        try await superuser.withConnection { holder in
            try await holder.run(
                script:
                    "BEGIN; LOCK TABLE convonet_admin.direct_change, convonet_admin.audit_head",
                limit: .seconds(5))
            try await database.sql("SET statement_timeout = '5s'; " + direct, as: .owner)
            await holder.rollback()
        }
        #expect(try await database.stored("is_active", of: person) != before)
        #expect(try await noted(database) == 0)
        let serverLog = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        #expect(serverLog.contains("a direct change could not be noted (SQLSTATE 55P03)"))
    }

    @Test(arguments: [
        "ALTER TABLE convonet_admin.direct_change ADD CHECK (false)",
        "ALTER TABLE convonet_admin.direct_change RENAME columns TO names",
        """
        CREATE FUNCTION public.fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
        CREATE TRIGGER fill BEFORE INSERT OR DELETE ON convonet_admin.direct_change EXECUTE FUNCTION public.fill()
        """,
        "ALTER TABLE convonet_admin.direct_change OWNER TO postgres",
        "DROP TABLE convonet_admin.direct_change CASCADE", "DROP TABLE convonet_admin.audit_event CASCADE",
        "DROP TABLE convonet_admin.audit_head CASCADE", "DROP SCHEMA convonet_admin CASCADE",
    ])
    func whereTheLogIsBrokenTheApplicationsUpdateWorksAndOursDoesNot(trouble: String) async throws {
        let database = try await watched()
        let desk = try await database.session()
        let person = try await desk.person()
        let direct = "UPDATE users_convonet SET is_active = NOT is_active WHERE id = '\(person.idText)';"
        let before = try await database.stored("is_active", of: person)
        try await database.sql(trouble)
        #expect(await database.refusal(of: direct, as: .owner) == nil)
        #expect(try await database.stored("is_active", of: person) != before)
        // Adding and renaming alone break no delete, so what was not noted is the only loss.
        guard !trouble.hasPrefix("ALTER TABLE convonet_admin.direct_change ADD"), !trouble.contains("RENAME") else {
            return #expect(try await noted(database) == 0)
        }
        let stored = try await database.stored("users_convonet", of: person)
        await #expect(throws: AdminError.self) {
            try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        }
        #expect(try await database.stored("users_convonet", of: person) == stored)
    }

    @Test func manyAreTakenInPortions() async throws {
        let database = try await watched()
        try await database.sql("UPDATE users_convonet SET is_active = NOT is_active", as: .owner)
        let desk = try await database.session()
        let person = try await desk.person { !$0.isActive }
        #expect(try await desk.perform(.setActive(true), on: person).receipt?.sequence == 51)
        #expect(try await noted(database) == 150)
        for _ in 0..<4 { #expect(try await desk.perform(.setActive(true), on: person).rule == "already_so") }
        #expect(try await noted(database) == 0)
        let log = try await database.log()
        #expect(log.count == 205 && log.filter { $0.action == "direct_change" }.count == 200)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func watchingIsAskedForAndCanBeTakenBack() async throws {
        let database = try await TestDatabase.make(.application)
        let before = try await database.sql(TestDatabase.triggers)
        let migrator = Migrator(try database.pool())
        let plan = try await migrator.migrate(Self.watching)
        #expect(plan.summary.contains { $0.hasPrefix("Create a trigger on public.users_convonet") })
        #expect(try await migrator.plan(MigrationRequest(rolePrefix: TestDatabase.rolePrefix)).isEmpty)
        #expect(try await migrator.plan(Self.watching).isEmpty)
        // Detached, the application may alter what the trigger looks at; migrate puts it back.
        let alter = "ALTER TABLE users_convonet ALTER COLUMN voice_pin TYPE varchar(12)"
        let refusal = await database.refusal(of: alter, as: .owner)
        #expect(refusal?.contains("cannot alter type of a column used by a") == true, "\(refusal ?? "done")")
        try await migrator.detach()
        #expect(await database.refusal(of: alter, as: .owner) == nil)
        #expect(try await database.sql(TestDatabase.triggers) == before)
        let back = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        #expect(back.summary.contains { $0.hasPrefix("Create a trigger") })
        // Somebody switched it off: migrate says so, and switches it on.
        try await database.sql("ALTER TABLE users_convonet DISABLE TRIGGER convonet_admin_direct_change")
        let switched = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        #expect(switched.summary.contains { $0.hasPrefix("Create a trigger") })
        var unwatching = Self.watching
        unwatching.watchesDirectChanges = false
        #expect(try await migrator.migrate(unwatching).summary.count == 2)
        #expect(try await database.sql(TestDatabase.triggers) == before)
        #expect(try await migrator.plan(unwatching).isEmpty)
        _ = try await migrator.migrate(Self.watching)
        try await migrator.uninstall()
        #expect(try await database.sql(TestDatabase.triggers) == before)
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL", as: .owner)
    }
}
