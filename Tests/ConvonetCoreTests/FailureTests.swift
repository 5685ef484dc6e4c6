import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import Synchronization
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct FailureTests {
    /// What a trigger of the application or a part that is missing does to each way of changing something.
    private func attempts(_ database: TestDatabase, expecting rule: String) async throws {
        try await database.sql("UPDATE convonet_admin.policy SET decoys_per_thousand = 0")
        let desk = try await database.session()
        for action in [AccountChange.Action.generatePassword, .issuePIN, .setPIN(.text("730592")), .clearPIN] {
            let person = try await desk.person()
            let before = try await database.stored("users_convonet", of: person)
            let result = try await desk.changes.perform(AccountChange(account: person, action: action))
            #expect(result.outcome == .failed && result.rule == rule && result.newSecret == nil, "\(action.name)")
            #expect(try await database.stored("users_convonet", of: person) == before)
            let event = try #require(try await database.log().last)
            #expect(event.outcome == "failed" && event.rule == rule)
        }
        let log = try await database.sql("SELECT string_agg(e::text, ' ') FROM convonet_admin.audit_event e")
        #expect(!log.contains("$2b$") && !log.contains("730592") && !log.contains("leak"))
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE outcome = 'done'") == "0")
    }

    private func trigger(_ when: String, _ body: String) -> String {
        """
        CREATE FUNCTION public.interfere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$;
        CREATE TRIGGER interfere \(when) ON public.users_convonet FOR EACH ROW EXECUTE FUNCTION public.interfere();
        """
    }

    @Test func aTriggerThatRaises() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            trigger(
                "BEFORE UPDATE", "RAISE EXCEPTION 'leak % %', NEW.password_hash, NEW.voice_pin USING ERRCODE = 'CA999';"
            ))
        try await attempts(database, expecting: "database_error")
        #expect(try await database.log().first?.detail == "method=generated sqlstate=CA999")
    }

    @Test func aConstraintThatRefuses() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            "ALTER TABLE users_convonet ADD CONSTRAINT frozen CHECK (updated_at < '2025-01-01') NOT VALID")
        try await attempts(database, expecting: "database_error")
        #expect(try await database.log().first?.detail == "method=generated sqlstate=23514 constraint=frozen")
    }

    /// The owner of the log, which looks the constraint up, has no right on the application's schema.
    @Test func aConstraintInASchemaOfTheApplications() async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            ["users_convonet", "teams_convonet", "team_memberships_convonet"].map {
                "ALTER TABLE \($0) SET SCHEMA app;"
            }.reduce("CREATE SCHEMA app AUTHORIZATION convonet_owner;", +))
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(
            MigrationRequest(
                usersTable: try QualifiedName(parsing: "app.users_convonet"), rolePrefix: "\(database.name)_",
                grants: [.init(kind: .operator, role: "test_operator"), .init(kind: .auditor, role: "test_operator")],
                watchesDirectChanges: true))
        try await database.sql(
            "ALTER TABLE app.users_convonet ADD CONSTRAINT frozen CHECK (updated_at < '2025-01-01') NOT VALID")
        let desk = try await database.session()
        let result = try await desk.perform(.issuePIN, on: try await desk.person())
        #expect(result.outcome == .failed && result.rule == "database_error")
        #expect(
            try await desk.audit.newest(limit: 1).first?.detail == "method=issued sqlstate=23514 constraint=frozen")
        try await database.sql(
            "ALTER TABLE app.users_convonet DROP CONSTRAINT frozen; UPDATE app.users_convonet SET is_active = NOT is_active"
        )
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") == "200")
        try await migrator.uninstall()
    }

    /// Whoever raises an error names its constraint as they like: what the table has not is not repeated.
    @Test func aConstraintThatIsMadeUp() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            trigger(
                "BEFORE UPDATE",
                """
                RAISE EXCEPTION 'x' USING CONSTRAINT = 'users_convonet_pkey approval=7 hash=' || NEW.password_hash || coalesce(NEW.voice_pin, '');
                """))
        try await attempts(database, expecting: "database_error")
        #expect(try await database.log().first?.detail == "method=generated sqlstate=P0001")
        // A name that says more than a name is quoted.
        try await database.sql(
            """
            DROP TRIGGER interfere ON users_convonet;
            ALTER TABLE users_convonet ADD CONSTRAINT "x approval=7" CHECK (updated_at < '2025-01-01') NOT VALID
            """)
        let desk = try await database.session()
        _ = try await desk.perform(.generatePassword, on: try await desk.person())
        #expect(
            try await database.log().last?.detail == "method=generated sqlstate=23514 constraint=\"x approval=7\"")
    }

    @Test(arguments: [
        ("BEFORE UPDATE", "NEW.password_hash := OLD.password_hash; NEW.voice_pin := OLD.voice_pin; RETURN NEW;"),
        ("BEFORE UPDATE", "RETURN NULL;"),
        (
            "AFTER UPDATE",
            """
            IF pg_trigger_depth() = 1 THEN UPDATE public.users_convonet
            SET password_hash = OLD.password_hash, voice_pin = OLD.voice_pin WHERE id = NEW.id; END IF; RETURN NULL;
            """
        ),
    ])
    func aTriggerThatOverrides(when: String, body: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(trigger(when, body))
        try await attempts(database, expecting: "overridden_by_trigger")
    }

    /// Where NULL was to be written, a row that cannot be found again looks as if it had been.
    @Test(arguments: [
        ("BEFORE UPDATE", "NEW.id := gen_random_uuid(); NEW.voice_pin := OLD.voice_pin; RETURN NEW;"),
        ("AFTER UPDATE", "DELETE FROM public.users_convonet WHERE id = OLD.id; RETURN NULL;"),
        ("BEFORE UPDATE", "DELETE FROM public.users_convonet WHERE id = OLD.id; RETURN NULL;"),
    ])
    func aTriggerThatTakesTheRowAway(when: String, body: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(3) { $0.signIn == .password && $0.isActive && !$0.hasVoicePIN }
        let receipt = try await database.reset(people[0], .issuePIN, by: desk)
        #expect(try await desk.perform(.issuePIN, on: people[1]).outcome == .done)
        _ = try await database.reset(people[2], .generatePassword, by: desk)
        try await database.sql(
            """
            ALTER TABLE team_memberships_convonet DROP CONSTRAINT team_memberships_convonet_user_id_fkey;
            \(trigger(when, "IF NEW.voice_pin IS NOT NULL THEN RETURN NEW; END IF; " + body))
            """)
        for (action, person) in [(AccountChange.Action.undo(receipt: receipt), people[0]), (.clearPIN, people[1])] {
            let pin = try await database.stored("voice_pin", of: person)
            let result = try await desk.perform(action, on: person)
            #expect(result.outcome == .failed, "\(result)")
            #expect(try await database.stored("voice_pin", of: person) == pin)
        }
        // Nor is anything that was kept of anybody told by an error.
        let words = await database.refusal(of: TestDatabase.call(.clearPIN, people[2]), as: .operator)
        #expect(words?.contains("$2b$") != true, "\(words ?? "")")
        #expect(try await database.log().last?.rule != nil)
    }

    /// What is written while we look at what was written, by a policy's function, is not seen by that look.
    @Test func aPolicyThatWritesWhileItIsRead() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.people(1) { $0.signIn == .password && $0.isActive && $0.hasVoicePIN }[0]
        let before = try await database.sql(
            "SELECT (voice_pin, password_hash, is_active) FROM users_convonet WHERE id = '\(person.idText)'")
        try await database.sql(
            """
            CREATE TABLE public.looks (n integer); INSERT INTO public.looks VALUES (0); GRANT ALL ON public.looks TO PUBLIC;
            CREATE TABLE public.was AS SELECT * FROM users_convonet WHERE id = '\(person.idText)';
            CREATE FUNCTION public.see(p users_convonet) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET row_security = off AS $$
            BEGIN
                IF p.id = '\(person.idText)' AND p.updated_at > (SELECT updated_at FROM public.was) THEN
                    UPDATE public.looks SET n = n + 1;
                    IF (SELECT n FROM public.looks) = 2 THEN
                        UPDATE public.users_convonet u SET voice_pin = w.voice_pin, password_hash = w.password_hash, is_active = w.is_active
                        FROM public.was w WHERE u.id = w.id;
                    END IF;
                END IF;
                RETURN true;
            END $$;
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY see ON users_convonet TO PUBLIC USING (public.see(users_convonet)) WITH CHECK (true);
            """, as: .owner)
        for action in [AccountChange.Action.clearPIN, .generatePassword, .setActive(false)] {
            try await database.sql("UPDATE public.looks SET n = 0")
            let outcome = try? await desk.perform(action, on: person).outcome
            let after = try await database.sql(
                "SELECT (voice_pin, password_hash, is_active) FROM users_convonet WHERE id = '\(person.idText)'")
            #expect((outcome == .done) == (after != before), "\(action.name)")
            try await database.sql(
                """
                UPDATE users_convonet u SET voice_pin = w.voice_pin, password_hash = w.password_hash, is_active = w.is_active,
                    updated_at = w.updated_at FROM public.was w WHERE u.id = w.id
                """)
        }
    }

    /// A second row of the id, in a table that inherits, which keeps what it has.
    @Test func twoRowsOfOneID() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.people(1) { $0.signIn == .password && $0.isActive && $0.hasVoicePIN }[0]
        try await database.sql(
            """
            CREATE TABLE public.child () INHERITS (public.users_convonet);
            INSERT INTO public.child SELECT * FROM users_convonet WHERE id = '\(person.idText)';
            CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER keep BEFORE UPDATE ON public.child FOR EACH ROW EXECUTE FUNCTION public.keep();
            """, as: .owner)
        #expect(try await desk.perform(.clearPIN, on: person).rule == "overridden_by_trigger")
    }

    /// Of whatever the application's code raises nobody sees the text, nor does the server's log have it: it can hold a hash.
    @Test(arguments: [
        "ASSERT false, OLD.password_hash;", "RAISE WARNING '%', OLD.password_hash; RAISE EXCEPTION 'no';",
        "RAISE EXCEPTION '%', OLD.password_hash;",
        "RAISE EXCEPTION '%', OLD.password_hash USING ERRCODE = '57014';", "PERFORM OLD.password_hash::integer;",
    ])
    func whatTheApplicationRaisesIsNotPassedOn(statement: String) async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let hash = try await database.stored("password_hash", of: person)
        try await database.sql(trigger("BEFORE UPDATE", statement + " RETURN NEW;"))
        let hidden = "$2b$10$\(String(repeating: "k", count: 53))"
        let call =
            "SELECT (SELECT convonet_admin.reset_password(a.id, a.version, '\(hidden)', gen_random_uuid(), '{}') FROM convonet_admin.accounts a WHERE a.id = '\(person.idText)')"
        let words = await database.refusal(of: call, as: .operator)
        #expect(words?.contains(hash) != true, "\(words ?? "")")
        if !statement.contains("57014") {
            #expect(try await database.log().last?.rule == "database_error")
        }
    }

    /// The same while it is read, locked or looked through.
    @Test func whatAPolicyRaisesIsNotPassedOn() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let hash = try await database.stored("password_hash", of: person)
        try await database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY tell ON users_convonet TO PUBLIC USING (password_hash::integer > 0);
            """, as: .owner)
        for (call, user) in [
            (
                "SELECT convonet_admin.clear_voice_pin('\(person.idText)', '1', gen_random_uuid(), '{}')",
                TestDatabase.User.operator
            ),
            ("SELECT convonet_admin.self_signed_in('\(person.idText)')", .selfService),
            (
                "SELECT convonet_admin.rehearse_change('clear_voice_pin', '\(person.idText)', '1', gen_random_uuid(), '{}')",
                .operator
            ),
        ] {
            let words = await database.refusal(of: call, as: user)
            #expect(
                words != nil && words?.contains(hash) == false && words?.contains("$2b$") == false, "\(words ?? "")")
        }
    }

    /// Where the application lets go of its NOT NULL, nobody can be sent anything, and an error would tell what was about to be kept.
    @Test(arguments: ["email", "password_hash"]) func whatIsMissingOfAnAccount(column: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql(
            """
            ALTER TABLE users_convonet ALTER COLUMN \(column) DROP NOT NULL;
            UPDATE users_convonet SET \(column) = NULL WHERE id = '\(person.idText)'
            """, as: .owner)
        for name in ["send_reset_link", "issue_reset_code"] {
            let hash = name == "issue_reset_code" ? "'$2b$10$\(String(repeating: "a", count: 53))', " : ""
            let answer = try await database.sql(
                """
                SELECT concat_ws(':', r.outcome, r.rule) FROM convonet_admin.accounts a CROSS JOIN LATERAL convonet_admin.\(name)(
                    a.id, a.version, \(hash)gen_random_uuid(), '{"local_password": true}') r WHERE a.id = '\(person.idText)'
                """, as: .operator)
            #expect(answer == (column == "email" ? "refused:address_unusable" : "done"), "\(name)")
        }
    }

    @Test(arguments: [
        "REVOKE INSERT ON convonet_admin.audit_event FROM desk_owner", "DROP TABLE convonet_admin.audit_head",
        "ALTER TABLE convonet_admin.audit_event ADD CHECK (sequence < 0) NOT VALID",
        "DELETE FROM convonet_admin.audit_head",
    ])
    func withoutALogNothingIsDone(damage: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(1)
        try await database.sql(
            "SET session_replication_role = replica; ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL; "
                + damage)
        let before = try await database.sql("SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users_convonet u")
        for action in [AccountChange.Action.generatePassword, .issuePIN, .setPIN(.text("730592")), .clearPIN] {
            await #expect(throws: AdminError.self) {
                try await desk.changes.perform(AccountChange(account: people[0], action: action))
            }
        }
        #expect(
            try await database.sql("SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users_convonet u") == before)
    }

    @Test func aLockedAccountIsBusy() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let holder = try database.pool()
        try await holder.transaction(.readCommitted) { connection in
            _ = try await connection.query(
                "UPDATE public.users_convonet SET last_login_at = now() WHERE id = \(person.id)", limit: .seconds(5))
            // Ten seconds would be this side's own limit, and another error.
            let error = await #expect(throws: AdminError.self) {
                try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
            }
            if case .database(.server(let refusal)) = error {
                #expect(refusal.sqlState == .lockNotAvailable && refusal.holder?.held == "account")
            } else {
                Issue.record("not refused by the server")
            }
            #expect(error?.description.contains("transaction of the database user convonet_owner") == true)
        }
        #expect(try await database.log().isEmpty)
    }

    @Test func aConnectionLostInTheMiddleIsMadeGood() async throws {
        let database = try await TestDatabase.quick()
        // The first update waits for somebody to end its connection; the sequence remembers that it was there.
        try await database.sql(
            "CREATE SEQUENCE public.visits; GRANT ALL ON SEQUENCE public.visits TO PUBLIC;"
                + trigger(
                    "BEFORE UPDATE", "IF nextval('public.visits') = 1 THEN PERFORM pg_sleep(600); END IF; RETURN NEW;"))
        let desk = try await database.session()
        let person = try await desk.person()
        let change = AccountChange(account: person, action: .generatePassword)
        let words = Mutex<[String]>([])
        let running = Task { try await desk.changes.perform(change) { text in words.withLock { $0.append(text) } } }
        let killer = try database.pool()
        try await eventually("the reset waits, and is ended") {
            try await database.endSessions(where: "wait_event = 'PgSleep'") == 1
        }
        await killer.close()
        let result = try await running.value
        #expect(result.outcome == .done && result.newSecret != nil && result.receipt?.isReplayed == false)
        #expect(result.isReplicated && words.withLock { $0.contains { $0.contains("Checking whether it was made") } })
        #expect(try await database.log().map(\.outcome) == ["done"])
        let text = try #require(result.newSecret)
        let hash = try PasswordHash(parsing: try await database.stored("password_hash", of: person))
        #expect(BcryptHasher.verify(text, against: hash))
    }

    private func losingTheFirstAnswer(
        _ database: TestDatabase, to function: String,
        _ body: (AdminSession) async throws -> ChangeResult
    ) async throws -> ChangeResult {
        let proxy = try AnswerLosingProxy(to: database, losing: function)
        defer { proxy.stop() }
        let pool = PostgresPool(
            try ConnectionParameters(
                proxy.connectionString(), applicationName: "convonet-admin tests", environment: [:]))
        let session = try await AdminSession.open(
            pool, operator: TestDatabase.identity, application: "convonet-admin tests")
        return try await body(session)
    }

    @Test(arguments: [nil, UUID()])
    func aPasswordWhoseAnswerWasLostIsShown(id: UUID?) async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let result = try await losingTheFirstAnswer(database, to: "FROM convonet_admin.reset_password") { desk in
            try await desk.changes.perform(AccountChange(account: person, action: .generatePassword, requestID: id))
        }
        #expect(result.outcome == .done && result.receipt?.isReplayed == true)
        let hash = try PasswordHash(parsing: try await database.stored("password_hash", of: person))
        #expect(BcryptHasher.verify(try #require(result.newSecret), against: hash))
        #expect(try await database.log().count == 1)
    }

    @Test func aPasswordOfAnEarlierCallIsNotTakenForThisOnes() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let id = UUID()
        let change = AccountChange(account: person, action: .generatePassword, requestID: id)
        #expect(try await database.session().changes.perform(change).newSecret != nil)
        let result = try await losingTheFirstAnswer(database, to: "FROM convonet_admin.reset_password") { desk in
            try await desk.changes.perform(change)
        }
        #expect(result.outcome == .done && result.receipt?.isReplayed == true && result.newSecret == nil)
    }

    @Test func aPINWhoseAnswerWasLostIsSaidToBeLost() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let result = try await losingTheFirstAnswer(database, to: "FROM convonet_admin.issue_voice_pin") { desk in
            try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        }
        #expect(result.outcome == .done && result.newSecret == nil && result.isSecretLost)
        #expect(result.message?.contains("lost with the connection") == true)
    }

    @Test func cancellingTheCallerDoesNotStopAChange() async throws {
        let database = try await TestDatabase.quick()
        // The update waits for as long as this test holds a lock.
        try await database.sql(trigger("BEFORE UPDATE", "PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW;"))
        let desk = try await database.session()
        let person = try await desk.person()
        let holder = try database.pool()
        let running = try await holder.transaction(.readCommitted) { connection in
            _ = try await connection.query("SELECT pg_advisory_xact_lock(7)", limit: .seconds(5))
            let running = Task {
                try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
            }
            try await eventually("the change waits") {
                try await database.sql(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted") != "0"
            }
            running.cancel()
            return running
        }
        let result = try await running.value
        #expect(result.outcome == .done && result.newSecret != nil)
        #expect(try await database.stored("voice_pin", of: person) == result.newSecret?.revealedText())
    }
}
