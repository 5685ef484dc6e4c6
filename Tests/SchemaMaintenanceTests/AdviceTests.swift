import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SchemaMaintenance
import SearchText
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// Each advice of doctor, followed as it is written, ends in a run that finds nothing of the kind.
@Suite(.dropsDatabases) struct AdviceTests {
    func findings(_ database: TestDatabase, _ user: TestDatabase.User = .operator) async throws -> [Finding] {
        await DatabaseExamination(try database.pool(user), usersTable: .usersConvonet).findings()
    }

    func advice(_ check: String, _ database: TestDatabase, _ user: TestDatabase.User = .operator) async throws
        -> String
    {
        let found = try await findings(database, user)
        return try #require(found.first { $0.check == check && $0.grade != .ok }?.mend, "\(found)")
    }

    func expectWell(_ check: String, _ database: TestDatabase, _ user: TestDatabase.User = .operator) async throws {
        let found = try await findings(database, user).filter { $0.check == check }
        #expect(!found.isEmpty && found.allSatisfy { $0.grade == .ok }, "\(check): \(found)")
    }

    /// For a check that says nothing where there is nothing to say.
    func expectNothing(_ check: String, _ database: TestDatabase, _ user: TestDatabase.User = .operator) async throws {
        #expect(try await findings(database, user).filter { $0.check == check } == [])
    }

    /// The statement in an advice, up to its semicolon or end, from a word on.
    func statement(_ word: String, in advice: String) throws -> String {
        let start = try #require(advice.firstRange(of: word)?.lowerBound, "\(advice)")
        return String(advice[start...].prefix { $0 != ";" })
    }

    let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)

    @Test(arguments: [
        ("LOGIN", "ALTER ROLE"), ("CREATEROLE", "ALTER ROLE"), ("IN ROLE test_stranger", "REVOKE"),
        ("ROLE test_stranger", "REVOKE"),
    ])
    func rolesThatAreMoreThanNames(attribute: String, word: String) async throws {
        let database = try await TestDatabase.make(.application)
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: "\(database.name)_", grants: [.init(kind: .operator, role: "test_operator")]))
        let hand = "\(database.name)_hand"
        let change =
            switch attribute {
            case "IN ROLE test_stranger": "GRANT test_stranger TO \(hand)"
            case "ROLE test_stranger": "GRANT \(hand) TO test_stranger"
            default: "ALTER ROLE \(hand) \(attribute)"
            }
        try await database.sql(change)
        try await database.sql(try statement(word, in: try await advice("owners", database)))
        try await expectWell("owners", database)
        try await Migrator(try database.pool()).uninstall()
    }

    @Test func whatHasTheirRightsElsewhere() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            "CREATE VIEW public.peek AS SELECT key FROM convonet_admin.pin_decoy_key; ALTER VIEW peek OWNER TO desk_owner"
        )
        #expect(try await advice("owners", database).contains("drop it as a superuser"))
        try await database.sql("DROP VIEW public.peek")
        try await expectWell("owners", database)
    }

    @Test func rightsOnTheTableItself() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("GRANT SELECT ON users_convonet TO test_operator, PUBLIC")
        #expect(try await advice("rights", database).contains("--grant-operator NAME"))
        let revoke = try statement("REVOKE", in: try await advice("grants", database))
        for name in ["test_operator", "PUBLIC"] {
            try await database.sql(
                String(revoke.replacing("NAME.", with: name).replacing("NAME", with: name)), as: .owner)
        }
        try await expectWell("grants", database)
        try await expectWell("rights", database)
    }

    @Test(arguments: [
        "ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER moves_on",
        "DROP TRIGGER append_only ON convonet_admin.audit_event",
        "GRANT EXECUTE ON FUNCTION convonet_admin.run_deferred() TO PUBLIC",
    ])
    func guardsOfTheLog(change: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(change)
        #expect(try await advice("log-guards", database).contains("convonet-admin migrate"))
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("log-guards", database)
        try await expectWell("installed", database)
    }

    @Test(arguments: ["DISABLE TRIGGER convonet_admin_direct_change", "DROP"])
    func theTriggerThatWatches(change: String) async throws {
        let database = try await TestDatabase.make()
        var watching = request
        watching.watchesDirectChanges = true
        _ = try await Migrator(try database.pool()).migrate(watching)
        try await database.sql(
            change == "DROP"
                ? "DROP TRIGGER convonet_admin_direct_change ON users_convonet"
                : "ALTER TABLE users_convonet \(change)", as: .owner)
        #expect(try await advice("direct-changes", database).contains("restores it"))
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("direct-changes", database)
        try await expectWell("installed", database)
    }

    @Test func triggersOfTheApplication() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER spy BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION public.spy();
            """)
        #expect(try await advice("triggers", database).contains("Check their functions"))
        try await database.sql("DROP TRIGGER spy ON users_convonet", as: .owner)
        try await expectWell("triggers", database)
    }

    @Test func locksThatAreHeld() async throws {
        let database = try await TestDatabase.make()
        let person = try await database.session().person()
        // Its own connection, since the advice ends it.
        let holder = Task {
            try? await database.pool(.secondOperator).withConnection { connection in
                try await connection.run(
                    script: "BEGIN; \(TestDatabase.call(.issuePIN, person, version: "1")) SELECT pg_sleep(600);",
                    limit: .seconds(900))
            }
        }
        try await eventually("the head is held") {
            try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'"
            ) == "1"
        }
        let end = try statement("SELECT pg_terminate", in: try await advice("locks", database))
        try await database.sql(end)
        await holder.value
        try await expectWell("locks", database)
    }

    @Test func versionsOfTheSchema() async throws {
        let database = try await TestDatabase.make()
        let stranger = try await advice("schema", database, .stranger)
        #expect(stranger.contains("--grant-operator NAME"))
        let bare = try await TestDatabase.make(.application)
        #expect(try await advice("schema", bare, .owner).contains("Run “convonet-admin migrate”"))
        _ = try await Migrator(try bare.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants))
        try await expectWell("schema", bare)
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 99, serves_from = 98")
        #expect(try await advice("schema", database) == "Install a newer convonet-admin.")
        try await database.sql(
            "UPDATE convonet_admin.installation SET schema_version = \(SchemaVersion.current), serves_from = \(SchemaVersion.servesFrom)"
        )
        try await expectWell("schema", database)
    }

    @Test func somebodysSchemaOfOurName() async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            "CREATE SCHEMA convonet_admin; CREATE VIEW convonet_admin.installation AS SELECT 5 AS schema_version")
        let mend = try await advice("schema", database, .owner)
        #expect(mend.contains("undo it alone: the schema may hold your log"))
        try await database.sql("DROP SCHEMA convonet_admin CASCADE")
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants))
        try await expectWell("schema", database)
    }

    @Test func anInstallationWithoutRoles() async throws {
        let database = try await TestDatabase.make(.migratedWithoutRoles)
        #expect(try await advice("roles", database, .owner).contains("export the log, uninstall, and run migrate"))
        let migrator = Migrator(try database.pool())
        try await migrator.uninstall()
        _ = try await migrator.migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants))
        try await expectWell("roles", database)
    }

    @Test func aTableThatDoesNotFit() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("CREATE RULE nothing AS ON DELETE TO users_convonet DO ALSO NOTIFY nobody")
        #expect(try await advice("users-table", database).contains("migrate"))
        try await database.sql("DROP RULE nothing ON users_convonet")
        _ = try await Migrator(try database.pool()).migrate(request)
        try await expectWell("users-table", database)
    }

    /// A table that is long, though it has few people.
    func lengthen(_ database: TestDatabase) async throws {
        try await database.sql(
            """
            ALTER TABLE users_convonet ADD COLUMN filler text; ALTER TABLE users_convonet ALTER filler SET STORAGE EXTERNAL;
            UPDATE users_convonet SET filler = repeat('x', 200000)
            """, as: .owner)
    }

    @Test func indexesOfALongTable() async throws {
        let database = try await TestDatabase.make()
        try await expectWell("addresses", database)
        try await lengthen(database)
        #expect(try await advice("search", database).contains("migrate --search-index"))
        try await SearchIndex(try database.pool()).build { _, _, _ in }
        try await expectWell("search", database)
        let create = try statement("CREATE INDEX", in: try await advice("addresses", database))
        try await database.sql(create, as: .owner)
        try await expectWell("addresses", database)
        // It is the one that looking addresses up uses.
        let name = try await database.sql(
            "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'users_convonet'::regclass ORDER BY indexrelid DESC LIMIT 1"
        )
        let service = try database.selfService()
        try await database.sql("SET enable_seqscan = off; ANALYZE users_convonet")
        try await database.sql(
            "UPDATE users_convonet SET email = 'Mixed.Case@x.test' WHERE id = (SELECT id FROM users_convonet WHERE is_active AND password_hash LIKE '$2b$%' LIMIT 1)"
        )
        #expect(try await database.link(to: "mixed.CASE@x.test", service).address == "Mixed.Case@x.test")
        let plan = try await database.sql(
            "SET enable_seqscan = off; EXPLAIN SELECT FROM users_convonet u WHERE \(LetterCase.lower("u.email")) = 'x'")
        #expect(!name.isEmpty && plan.contains(" \(name) "), "\(plan)")
    }

    @Test func peopleWithoutANameAndTheIndex() async throws {
        let database = try await TestDatabase.make()
        try await SearchIndex(try database.pool()).build { _, _, _ in }
        try await database.sql("ALTER TABLE users_convonet ALTER first_name DROP NOT NULL", as: .owner)
        #expect(try await advice("search", database).contains("NOT NULL"))
        try await database.sql("ALTER TABLE users_convonet ALTER first_name SET NOT NULL", as: .owner)
        try await expectWell("search", database)
    }

    @Test(.server(since: 18)) func peopleWithoutANameBehindANotNullForNewRowsAlone() async throws {
        let database = try await TestDatabase.make()
        let person = try await database.session().person()
        try await database.sql(
            """
            ALTER TABLE users_convonet ALTER first_name DROP NOT NULL;
            UPDATE users_convonet SET first_name = NULL, last_name = 'Hidden' WHERE id = '\(person.idText)';
            ALTER TABLE users_convonet ADD CONSTRAINT nn NOT NULL first_name NOT VALID
            """, as: .owner)
        try await SearchIndex(try database.pool()).build { _, _, _ in }
        let found = try await database.session().accounts.page(of: AccountSelection(text: "hidden"), limit: 5)
        #expect(found.accounts.map(\.id) == [person.id])
        #expect(try await advice("search", database).contains("NOT NULL"))
    }

    @Test func mailThatNobodySends() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        #expect(try await desk.perform(.sendResetLink, on: try await desk.person()).outcome == .done)
        #expect(try await advice("mail", database).contains("Start convonet-self-service"))
        let mailer = try database.selfService()
        let mail = try #require(try await mailer.nextMail())
        try await expectWell("mail", database)
        try await mailer.end(mail, as: .later, reason: "exit 75")
        let finding = try #require(try await findings(database).first { $0.check == "mail" })
        #expect(finding.grade == .warning && finding.message.contains("1 could not be sent yet, the newest: exit 75."))
    }

    @Test func codesToTelephonesThatCannotGo() async throws {
        let database = try await TestDatabase.quick()
        try await expectNothing("text-codes", database)
        _ = try await database.selfService().takeMail(sendsTexts: true)
        #expect(try await advice("text-codes", database).contains("Create the view"))
        try await database.sql("CREATE VIEW convonet_admin_phone_numbers AS SELECT id FROM users_convonet", as: .owner)
        #expect(try await advice("text-codes", database).contains("Create the view anew"))
        try await database.sql(
            """
            DROP VIEW convonet_admin_phone_numbers;
            CREATE VIEW convonet_admin_phone_numbers AS SELECT id AS account_id, '1'::text AS number FROM users_convonet
            """, as: .owner)
        let mend = try await advice("text-codes", database)
        #expect(
            try statement("GRANT", in: mend)
                == #"GRANT SELECT ON "public"."convonet_admin_phone_numbers" TO "desk_reader""#)
        try await database.sql(try statement("GRANT", in: mend), as: .owner)
        try await expectWell("text-codes", database)
        #expect(
            try await findings(database).contains {
                $0.check == "text-codes" && $0.message.hasPrefix("Codes can go to telephones")
            })
    }

    @Test func mailForWhichThereIsNoRoom() async throws {
        let database = try await TestDatabase.quick()
        _ = try await database.selfService().takeMail()
        try await database.sql(
            """
            INSERT INTO convonet_admin.mail_queue (kind, address, request_id, created_at, give_up_at, next_try_at)
            SELECT 'notice', 'x@example.org', gen_random_uuid(), now(), now() + interval '1 hour', now() + interval '1 hour'
            FROM generate_series(1, 10000)
            """)
        #expect(try await advice("mail", database).contains("look at its mail program"))
        try await database.sql("DELETE FROM convonet_admin.mail_queue")
        try await expectWell("mail", database)
    }

    @Test func temporaryPasswordsThatNobodyEnds() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("temporary_password_hours = 1")
        let desk = try await database.session()
        #expect(try await desk.perform(.generatePassword, on: try await desk.person()).outcome == .done)
        try await database.sql(
            "UPDATE convonet_admin.temporary_password SET expires_at = now() - interval '16 minutes'")
        #expect(try await advice("temporary-passwords", database).contains("convonet-admin tidy"))
        try await database.tidy()
        #expect(try await !findings(database).contains { $0.check == "temporary-passwords" })
    }

    @Test func whatTheServerLogs() async throws {
        let database = try await TestDatabase.make()
        // For one role alone: the other tests' servers is the same.
        let role = "ALTER ROLE test_viewer IN DATABASE \(database.name) SET"
        try await database.sql("\(role) log_parameter_max_length_on_error = 100")
        let found = try await findings(database, .viewer).filter { $0.check == "server-log" }
        #expect(found.count == 2)
        for mend in found.compactMap(\.mend) {
            let setting = try statement("ALTER SYSTEM SET", in: mend).dropFirst("ALTER SYSTEM SET".count)
            try await database.sql("\(role)\(setting)")
        }
        try await expectWell("server-log", database, .viewer)
    }
}
