import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Ways past the trigger that notes direct changes, for whoever owns the table.
@Suite(.dropsDatabases) struct WatchEvasionTests {
    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    private func watched(_ change: String = "SELECT 1") async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        try await database.sql(change, as: .owner)
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        return database
    }

    private func problems(_ database: TestDatabase) async throws -> [String] {
        await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
            .filter { $0.grade == .problem }.map(\.message)
    }

    private static let byActivity = """
        ALTER TABLE users_convonet RENAME TO users_plain;
        CREATE TABLE users_convonet (LIKE users_plain INCLUDING DEFAULTS) PARTITION BY LIST (is_active);
        CREATE TABLE users_on PARTITION OF users_convonet FOR VALUES IN (true);
        CREATE TABLE users_off PARTITION OF users_convonet FOR VALUES IN (false);
        INSERT INTO users_convonet SELECT * FROM users_plain;
        """

    private func noted(_ database: TestDatabase) async throws -> String {
        try await database.sql(
            "SELECT coalesce(string_agg(account_id || ' ' || columns, ',' ORDER BY id), '') FROM convonet_admin.direct_change"
        )
    }

    /// The trigger's own INSERT would fail, and nobody hear of it.
    @Test(arguments: ["SELECT 1", byActivity])
    func aTransactionThatIsMadeReadOnlyChangesNothing(before: String) async throws {
        let database = try await watched(before)
        let before = try await database.sql("SELECT string_agg(password_hash, ',' ORDER BY id) FROM users_convonet")
        for statement in [
            "UPDATE users_convonet SET password_hash = repeat('x', 60) WHERE is_active RETURNING set_config('transaction_read_only', 'on', true)",
            """
            UPDATE users_convonet SET password_hash = repeat('x', 60)
            FROM (SELECT set_config('transaction_read_only', 'on', true) OFFSET 0) x WHERE is_active
            """,
        ] {
            await #expect(throws: ClusterFailure.self) { try await database.sql(statement, as: .owner) }
        }
        #expect(
            try await database.sql("SELECT string_agg(password_hash, ',' ORDER BY id) FROM users_convonet") == before)
        #expect(try await noted(database) == "")
    }

    @Test func whoChangesPlacesWithAnotherIsNoted() async throws {
        let database = try await watched()
        // The application's memberships would be in the way of new ids.
        try await database.sql("DELETE FROM team_memberships_convonet")
        let ids = try await database.sql("SELECT id FROM users_convonet ORDER BY id LIMIT 2").split(separator: "\n")
            .map(
                String.init)
        try #require(ids.count == 2)
        let other = "00000000-0000-4000-8000-000000000000"
        for (from, to) in [(ids[0], other), (ids[1], ids[0]), (other, ids[1])] {
            try await database.sql("UPDATE users_convonet SET id = '\(to)' WHERE id = '\(from)'", as: .owner)
        }
        #expect(try await noted(database) == "\(ids[0]) id,\(ids[1]) id,\(other) id")
    }

    @Test(arguments: [
        // Another of its name, after the same and after other updates.
        (
            """
            CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            DROP TRIGGER convonet_admin_direct_change ON users_convonet;
            CREATE TRIGGER convonet_admin_direct_change AFTER UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION noop()
            """, ""
        ),
        (
            """
            DROP TRIGGER convonet_admin_direct_change ON users_convonet;
            CREATE TRIGGER convonet_admin_direct_change AFTER UPDATE OF last_login_at ON users_convonet FOR EACH ROW
            WHEN (OLD.voice_pin IS DISTINCT FROM NEW.voice_pin) EXECUTE FUNCTION convonet_admin.note_direct_change()
            """, ""
        ),
        ("ALTER TABLE users_on DISABLE TRIGGER ALL", byActivity),
    ])
    func aTriggerThatIsNotOursIsNamedAndReplaced(change: String, before: String) async throws {
        let database = try await watched(before.isEmpty ? "SELECT 1" : before)
        #expect(try await problems(database).isEmpty)
        // By whoever may call what the trigger calls, for the second.
        try await database.sql(change)
        #expect(try await problems(database).contains { $0.contains("missing or replaced") })
        let plan = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        #expect(plan.summary.contains { $0.hasPrefix("Create a trigger") })
        #expect(try await problems(database).isEmpty)
        try await database.sql(
            "UPDATE users_convonet SET voice_pin = '999111' WHERE id = (SELECT min(id::text)::uuid FROM users_convonet WHERE is_active)",
            as: .owner)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "1")
    }

    @Test func aTableThatInheritsIsNamed() async throws {
        let database = try await watched()
        try await database.sql("CREATE TABLE kid () INHERITS (users_convonet)", as: .owner)
        #expect(try await problems(database).contains { $0.hasPrefix("public.kid inherits from") })
    }

    /// A row that moves to another partition, by the application and by us.
    @Test func aRowThatMovesIsNoted() async throws {
        let database = try await watched(Self.byActivity)
        let desk = try await database.session()
        let people = try await desk.people(2)
        let pin = try await database.stored("voice_pin", of: people[0])
        try await database.sql(
            "UPDATE users_convonet SET is_active = false, voice_pin = NULL WHERE id = '\(people[0].idText)'", as: .owner
        )
        #expect(pin != "NULL")
        #expect(try await desk.perform(.setActive(false), on: people[1]).outcome == .done)
        let log = try await database.log()
        #expect(log.map(\.action) == ["direct_change", "deactivate"])
        #expect(log[0].detail?.hasPrefix("columns=voice_pin,is_active ") == true)
    }

    /// A trigger of the application's runs within our changes, as the hand: what it changes besides is not ours.
    @Test(arguments: [
        (
            "AFTER",
            """
            IF current_user = 'desk_hand' AND pg_trigger_depth() = 1 THEN
                UPDATE public.users_convonet SET password_hash = '$2b$12$' || repeat('E', 53), voice_pin = '271828'
                WHERE id = (SELECT max(id::text)::uuid FROM public.users_convonet WHERE is_active AND id <> NEW.id);
            END IF;
            """, "columns=password_hash,voice_pin "
        ),
        (
            "BEFORE", "IF current_user = 'desk_hand' THEN NEW.voice_pin := '271828'; END IF;",
            "columns=password_hash,voice_pin "
        ),
        (
            "AFTER",
            """
            IF current_user = 'desk_hand' AND pg_trigger_depth() = 1 THEN
                PERFORM set_config('convonet_admin.announced', '1', true);
                UPDATE public.users_convonet SET voice_pin = '271828' WHERE id = NEW.id;
            END IF;
            """, "columns=voice_pin "
        ),
    ])
    func whatTheApplicationsCodeChangesAsTheHandIsNoted(when: String, body: String, columns: String) async throws {
        let database = try await watched()
        try await database.sql(
            """
            CREATE FUNCTION public.other() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN \(body) RETURN NEW; END $f$;
            CREATE TRIGGER audit \(when) UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION public.other();
            """, as: .owner)
        let desk = try await database.session()
        #expect(try await desk.perform(.generatePassword, on: try await desk.person()).outcome == .done)
        let log = try await database.log()
        #expect(log.last?.action == "reset_password")
        let outside = log.filter { $0.action == "direct_change" }
        #expect(
            outside.contains { $0.detail?.hasPrefix(columns) == true && $0.dbUser == "test_operator" }, "\(outside)")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "0")
    }

    /// Elsewhere than on a plain table ours comes before the change, and others' after it, by their names.
    @Test(arguments: [
        (
            "CREATE TRIGGER zzz BEFORE UPDATE ON users_convonet",
            #"ALTER TRIGGER "zzz" ON public.users_convonet RENAME TO "a_zzz";"#
        ),
        ("CREATE TRIGGER zzz BEFORE UPDATE ON users_on", #"ALTER TRIGGER "zzz" ON public.users_on RENAME TO "a_zzz";"#),
        ("CREATE TRIGGER moved BEFORE INSERT ON users_off", ""),
    ])
    func aTriggerThatComesAfterOursIsNamedWithWhatMendsIt(trigger: String, mend: String) async throws {
        let database = try await watched(Self.byActivity)
        try await database.sql(
            """
            CREATE FUNCTION public.other() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                IF NOT NEW.is_active THEN NEW.voice_pin := '271828'; END IF; RETURN NEW; END $f$;
            \(trigger) FOR EACH ROW EXECUTE FUNCTION public.other();
            """, as: .owner)
        let look = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        let found = await look.findings().filter { $0.check == "direct-changes" }
        #expect(
            found.count == 1 && found[0].grade == .warning && found[0].message.contains("is not logged"), "\(found)")
        #expect(try await migrator.plan(request).notes.count == 1)
        // So it is: a PIN is changed, and nothing but the move is logged.
        try await database.sql(
            "UPDATE users_convonet SET is_active = false WHERE id = (SELECT min(id::text)::uuid FROM users_convonet WHERE is_active)",
            as: .owner)
        #expect(try await database.sql("SELECT columns FROM convonet_admin.direct_change") == "is_active")
        guard !mend.isEmpty else { return }
        #expect(found[0].mend?.hasSuffix(mend) == true)
        try await database.sql(mend, as: .owner)
        #expect(await look.findings().contains { $0.check == "direct-changes" && $0.grade == .ok })
        #expect(try await migrator.plan(request).notes.isEmpty)
        try await database.sql(
            "UPDATE users_convonet SET is_active = false WHERE id = (SELECT min(id::text)::uuid FROM users_convonet WHERE is_active)",
            as: .owner)
        #expect(
            try await database.sql("SELECT max(columns) FROM convonet_admin.direct_change") == "voice_pin,is_active")
    }

    /// A domain is read as what it is made of; with a type of the application's own the trigger would run its cast, and stops.
    @Test func aTypeThatTheTriggerDoesNotReadIsSaid() async throws {
        let database = try await TestDatabase.quick()
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true)
        try await migrator.detach()
        try await database.sql(
            """
            CREATE EXTENSION citext; GRANT USAGE ON TYPE citext TO convonet_owner; SET ROLE convonet_owner;
            CREATE DOMAIN address AS citext; ALTER TABLE users_convonet ALTER email TYPE address;
            """)
        _ = try await migrator.migrate(request)
        #expect(try await problems(database).isEmpty)
        let change =
            "UPDATE users_convonet SET is_active = NOT is_active WHERE id = (SELECT min(id::text)::uuid FROM users_convonet)"
        try await database.sql(change, as: .owner)
        let noted = "SELECT count(*) FROM convonet_admin.direct_change"
        #expect(try await database.sql(noted) == "1")
        try await migrator.detach()
        try await database.sql(
            "CREATE DOMAIN mail AS address; ALTER TABLE users_convonet ALTER email TYPE mail", as: .owner)
        await #expect(throws: AdminError.self) { try await migrator.migrate(request) }
        // Put there by hand, it notes nothing.
        try await database.sql(
            """
            CREATE TRIGGER convonet_admin_direct_change AFTER UPDATE ON users_convonet FOR EACH ROW WHEN (OLD.is_active <> NEW.is_active)
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            CREATE TRIGGER convonet_admin_direct_change_delete AFTER DELETE ON users_convonet FOR EACH ROW
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            CREATE TRIGGER convonet_admin_direct_change_truncate AFTER TRUNCATE ON users_convonet
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            ALTER TABLE users_convonet ENABLE ALWAYS TRIGGER convonet_admin_direct_change,
                ENABLE ALWAYS TRIGGER convonet_admin_direct_change_delete,
                ENABLE ALWAYS TRIGGER convonet_admin_direct_change_truncate;
            \(change)
            """)
        #expect(try await database.sql(noted) == "1")
        #expect(
            try await problems(database).contains {
                $0.contains("not logged") && $0.contains("email of the type public.mail")
            }
        )
    }

    /// A row that says it was announced and was not, as whoever knows the name of the setting could write.
    @Test func aSettingAloneAnnouncesNothing() async throws {
        let database = try await watched()
        try await database.sql(
            """
            UPDATE users_convonet SET voice_pin = NULL WHERE id = (SELECT min(id::text)::uuid FROM users_convonet WHERE voice_pin IS NOT NULL);
            SET convonet_admin.announced = '1';
            UPDATE users_convonet SET voice_pin = NULL WHERE id = (SELECT min(id::text)::uuid FROM users_convonet WHERE voice_pin IS NOT NULL);
            SET convonet_admin.announced = 'x';
            UPDATE users_convonet SET voice_pin = NULL WHERE id = (SELECT min(id::text)::uuid FROM users_convonet WHERE voice_pin IS NOT NULL);
            """, as: .owner)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "3")
    }
}
