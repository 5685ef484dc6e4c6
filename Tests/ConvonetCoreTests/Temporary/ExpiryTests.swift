import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// What can be in the way of a temporary password's end, and who could bend it.
@Suite(.dropsDatabases) struct ExpiryTests {
    private func hash(_ database: TestDatabase, _ person: Account) async throws -> String {
        try await database.stored("password_hash", of: person)
    }

    /// Whoever froze the account does not keep valid what staff know.
    @Test func itEndsOfAFrozenAccountToo() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let (desk, lead) = (try await database.session(), try await database.session(.lead))
        let person = try await desk.person()
        let password = try await desk.newPassword(for: person)
        let frozen = try await lead.perform(.setFrozen(true), on: person, context: ChangeContext(reason: "security"))
        #expect(frozen.outcome == .done)
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await !database.applicationAccepts(password, of: person))
    }

    /// A hash that fits nothing is one: every letter of it may stand where it does, and the application's library reads it.
    @Test func whatTakesItsPlaceIsAHashOfNothing() async throws {
        let database = try await TestDatabase.quick()
        let hashes = try await database.sql(
            "SELECT convonet_admin.hash_that_fits_nothing() FROM generate_series(1, 200)"
        ).split(separator: "\n").map(String.init)
        #expect(Set(hashes).count == 200)
        for hash in hashes {
            #expect(
                hash.wholeMatch(of: /\$2b\$10\$[.\/A-Za-z0-9]{21}[.Oeu][.\/A-Za-z0-9]{30}[.CGKOSWaeimquy26]/) != nil)
        }
        #expect(try ApplicationLibrary.ask(hashes.prefix(3).map { "check 70 \($0)" }) == ["False", "False", "False"])
    }

    /// Whoever holds an account keeps nobody else's password valid, and their own for a minute more.
    @Test func anAccountThatIsHeldHoldsNobodyElseUp() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let people = try await desk.people(2)
        for person in people { _ = try await desk.newPassword(for: person) }
        let before = [try await hash(database, people[0]), try await hash(database, people[1])]
        try await database.pass(minutes: 61)
        try await database.superuserPool().withConnection { holder in
            try await holder.run(
                script: "BEGIN; SELECT FROM users_convonet WHERE id = '\(people[0].idText)' FOR UPDATE",
                limit: .seconds(10))
            try await database.tidy()
            await holder.rollback()
        }
        #expect(try await hash(database, people[0]) == before[0])
        #expect(try await hash(database, people[1]) != before[1])
        try await database.tidy()
        #expect(try await hash(database, people[0]) == before[0])
        try await database.pass(minutes: 1)
        try await database.tidy()
        #expect(try await hash(database, people[0]) != before[0])
        #expect(try await database.outcomes(of: "expire_password") == "done, done")
    }

    /// A trigger of the application that keeps the old value: it is logged, and tried again.
    @Test(arguments: [
        ("NEW.password_hash := OLD.password_hash; RETURN NEW;", "failed overridden_by_trigger"),
        ("RAISE EXCEPTION 'no';", "failed database_error"),
        ("RAISE SQLSTATE '40001';", "failed database_error"), ("RAISE SQLSTATE '57014';", "failed database_error"),
    ])
    func whatTheApplicationPreventsIsTriedAgain(body: String, outcome: String) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let people = try await desk.people(2)
        for person in people { _ = try await desk.newPassword(for: person) }
        try await database.pass(minutes: 61)
        try await database.sql(
            """
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$;
            CREATE TRIGGER keep BEFORE UPDATE ON users_convonet FOR EACH ROW WHEN (OLD.id = '\(people[0].idText)')
            EXECUTE FUNCTION keep()
            """, as: .owner)
        try await database.tidy()
        try await database.tidy()
        let log = try await database.outcomes(of: "expire_password").split(separator: ", ").map(String.init)
        #expect(Set(log) == [outcome, "done"] && log.count == 2)
        try await database.sql("DROP TRIGGER keep ON users_convonet", as: .owner)
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await database.temporaryRows() == "true true")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func twoThatTidyAtOnceEndEachOnce() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let (desk, service) = (try await database.session(), try database.selfService())
        let people = try await desk.people(6)
        for person in people { _ = try await desk.newPassword(for: person) }
        try await database.pass(minutes: 61)
        try await withThrowingTaskGroup { group in
            for _ in 0..<2 {
                group.addTask { try await database.tidy() }
                group.addTask { try await service.tidy() }
            }
            try await group.waitForAll()
        }
        try await database.tidy()
        #expect(
            try await database.sql(
                "SELECT count(*), count(DISTINCT account_id) FROM convonet_admin.audit_event WHERE action = 'expire_password'"
            ) == "6|6")
    }

    @Test func aDeletedAccountLeavesNothing() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        _ = try await desk.newPassword(for: person)
        try await database.sql(
            """
            DELETE FROM team_memberships_convonet WHERE user_id = '\(person.idText)';
            DELETE FROM users_convonet WHERE id = '\(person.idText)'
            """)
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await database.temporaryRows() == "")
    }

    /// A clock that was years ahead when it was issued: it lasts as long as it was to, from when that is found out.
    @Test func whatAClockThatWasAheadIssuedLastsAnHour() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        _ = try await desk.newPassword(for: person)
        try await database.pass(minutes: -3 * 365 * 24 * 60)
        try await database.tidy()
        #expect(try await database.minutesLeft(of: person) == 60)
    }

    /// Rights are RightsTests' matter; here is what somebody who may reset passwords can do with psql.
    @Test func anOperatorReadsAndBendsNothingOfIt() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        let password = try await desk.newPassword(for: person)
        let id = person.idText
        for statement in [
            "SELECT * FROM convonet_admin.temporary_password",
            "UPDATE convonet_admin.temporary_password SET expires_at = now()",
            "DELETE FROM convonet_admin.temporary_password", "SELECT * FROM convonet_admin.password_state",
            "SELECT convonet_admin.take_due_password()", "SELECT convonet_admin.end_due_passwords('\(id)')",
            "SELECT convonet_admin.hash_that_fits_nothing()",
            "SELECT convonet_admin.password_fingerprint('x')", "SELECT convonet_admin.forget_what_is_over()",
            "SELECT convonet_admin.put_off_expiry(ROW('\(id)', '', now(), now(), now(), NULL, NULL), '1 year')",
            "SELECT convonet_admin.expire_password(ROW('\(id)', '', now(), now(), now(), NULL, NULL))",
        ] {
            #expect(
                await database.refusal(of: statement, as: .operator)?.contains("permission denied") == true,
                "\(statement)")
        }
        // Neither is anything but reset_password to be rehearsed or refused under its name.
        for call in [
            "rehearse_change('expire_password', '\(id)', '1', gen_random_uuid(), '{}')",
            "record_refusal('\(id)', 'expire_password', 'password_empty', gen_random_uuid(), '{}')",
        ] {
            #expect(await database.refusal(of: "SELECT convonet_admin.\(call)", as: .operator) != nil, "\(call)")
        }
        try await database.pass(minutes: 61)
        // What an operator deletes and leaves open keeps nobody from ending it.
        try await database.pool(.operator).withConnection { holder in
            try await holder.run(script: "BEGIN; SELECT convonet_admin.tidy()", limit: .seconds(10))
            #expect(try await database.session().changes.tidy() == .deletionOnly)
            #expect(try await database.applicationAccepts(password, of: person))
            try await database.tidy()
            #expect(try await !database.applicationAccepts(password, of: person))
            await holder.rollback()
        }
        #expect(
            try await database.sql("SELECT db_user FROM convonet_admin.audit_event WHERE action = 'expire_password'")
                == "test_scheduler")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// Whoever may do this and nothing else does it as it is to be done.
    @Test func theSchedulerLeavesNothingHalfDone() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let person = try await database.session().person()
        let password = try await database.session().newPassword(for: person)
        try await database.pass(minutes: 61)
        let call = "SELECT convonet_admin.end_due_passwords('\(person.idText)')"
        // What nobody took is nobody's to end.
        try await database.sql(call, as: .scheduler)
        #expect(try await database.applicationAccepts(password, of: person))
        #expect(try await database.sql("SELECT convonet_admin.take_due_password()", as: .scheduler) == person.idText)
        try await database.sql("BEGIN; \(call); ROLLBACK", as: .scheduler)
        try await database.sql("BEGIN; SAVEPOINT s; \(call); ROLLBACK TO s; COMMIT", as: .scheduler)
        #expect(try await database.applicationAccepts(password, of: person))
        let prepared = await database.refusal(of: "BEGIN; \(call); \(database.prepareTransaction)", as: .scheduler)
        #expect(prepared?.contains("cannot PREPARE") == true, "\(prepared ?? "")")
        // Nor where it was put off, since somebody else has the account.
        try await database.superuserPool().withConnection { holder in
            try await holder.run(
                script: "BEGIN; SELECT FROM users_convonet WHERE id = '\(person.idText)' FOR UPDATE",
                limit: .seconds(10))
            let words = await database.refusal(of: "BEGIN; \(call); \(database.prepareTransaction)", as: .scheduler)
            #expect(words?.contains("cannot PREPARE") == true, "\(words ?? "")")
            await holder.rollback()
        }
        for (setup, words) in [
            ("BEGIN ISOLATION LEVEL REPEATABLE READ", "only READ COMMITTED"),
            ("CREATE TEMP TABLE users (n int)", "temporary objects"),
        ] {
            let refusal = await database.refusal(of: "\(setup); \(call)", as: .scheduler)
            #expect(refusal?.contains(words) == true, "\(setup): \(refusal ?? "")")
        }
        // Whose time is not over is nobody's to end.
        let other = try await database.session().people(2)[1]
        let kept = try await database.session().newPassword(for: other)
        try await database.sql("SELECT convonet_admin.end_due_passwords('\(other.idText)')", as: .scheduler)
        #expect(try await database.applicationAccepts(kept, of: other))
        try await database.pass(minutes: 5)
        #expect(try await database.session(.scheduler).changes.tidy() == .everything)
        #expect(try await !database.applicationAccepts(password, of: person))
    }

    /// What was begun and never ended, as where the application's code hangs, keeps nobody else's valid; and is begun again later.
    @Test func oneThatHangsHoldsNobodyElseUp() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        var passwords: [String: (Account, Secret)] = [:]
        for person in try await desk.people(3) {
            passwords[person.idText] = (person, try await desk.newPassword(for: person))
        }
        try await database.pass(minutes: 61)
        let taken = try await database.sql("SELECT convonet_admin.take_due_password()", as: .scheduler)
        let (person, password) = try #require(passwords[taken])
        passwords[taken] = nil
        try await database.tidy()
        for (other, hers) in passwords.values {
            #expect(try await !database.applicationAccepts(hers, of: other))
        }
        #expect(try await database.applicationAccepts(password, of: person))
        try await database.pass(minutes: 5)
        try await database.tidy()
        #expect(try await !database.applicationAccepts(password, of: person))
    }

    /// What the server knows of the table may be old, and its plan one that looks for a due one again and again.
    @Test(arguments: [1, 2, 5]) func whateverTheStatisticsSayEachIsTakenAlone(known: Int) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let people = try await desk.people(8)
        for person in people.prefix(known) { _ = try await desk.newPassword(for: person) }
        try await database.sql("ANALYZE convonet_admin.temporary_password")
        for person in people.dropFirst(known) { _ = try await desk.newPassword(for: person) }
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(
            try await database.sql("SELECT count(*) FROM convonet_admin.temporary_password WHERE expired_at IS NULL")
                == "0")
        #expect(try await database.outcomes(of: "expire_password").split(separator: ",").count == 8)
    }

    /// Whoever may end them and nothing else writes no more into the log than there is to be done, whatever the application says.
    @Test(arguments: ["RETURN NULL;", "RAISE SQLSTATE '55P03';"])
    func whatWasTriedIsNotTriedAgainBeforeItsTime(body: String) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let person = try await database.session().person()
        _ = try await database.session().newPassword(for: person)
        try await database.pass(minutes: 61)
        try await database.sql(
            """
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$;
            CREATE TRIGGER keep BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION keep()
            """, as: .owner)
        for _ in 0..<4 {
            try await database.sql("SELECT convonet_admin.take_due_password()", as: .scheduler)
            try await database.sql("SELECT convonet_admin.end_due_passwords('\(person.idText)')", as: .scheduler)
        }
        #expect(try await database.outcomes(of: "expire_password").split(separator: ",").count == 1)
    }

    /// However often somebody gets a password: what cannot come back is not kept to be looked at.
    @Test func manyOfOneAccountHoldNobodyElseUp() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        for _ in 0..<14 { _ = try await desk.newPassword(for: person) }
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.temporary_password") == "12")
        try await database.sql("UPDATE convonet_admin.replaced_credential SET expires_at = now()")
        _ = try await desk.newPassword(for: person)
        _ = try await desk.newPassword(for: person)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.temporary_password") == "3")
    }

    /// With psql: the same hash again is a reset in the log, and gives the password no more time.
    @Test func theSameHashAgainGivesNoMoreTime() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await database.sql(TestDatabase.call(.generatePassword, person), as: .operator) == "done")
        try await database.pass(minutes: 40)
        let again = try #require(try await desk.accounts.account(id: person.id))
        #expect(again.version != person.version)
        #expect(try await database.sql(TestDatabase.call(.generatePassword, again), as: .operator) == "done")
        #expect(try await database.minutesLeft(of: person) == 20)
    }

    /// A policy of the application's that says by our own code that somebody is not there.
    @Test(arguments: ["P0002", "CA099", "CA003"]) func whoIsSaidNotToBeThereIs(state: String) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        let password = try await desk.newPassword(for: person)
        try await database.pass(minutes: 61)
        try await database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE FUNCTION public.see() RETURNS boolean LANGUAGE plpgsql AS
                $$ BEGIN IF current_user = 'desk_hand' THEN RAISE SQLSTATE '\(state)'; END IF; RETURN true; END $$;
            CREATE POLICY one ON users_convonet TO PUBLIC USING (public.see()) WITH CHECK (true);
            """, as: .owner)
        try await database.tidy()
        try await database.sql(
            "DROP POLICY one ON users_convonet; ALTER TABLE users_convonet DISABLE ROW LEVEL SECURITY", as: .owner)
        #expect(try await database.applicationAccepts(password, of: person))
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await !database.applicationAccepts(password, of: person))
    }

    /// The application asks by one look into an index where nobody has a temporary password, and is told nothing of hashes.
    @Test func theApplicationAsksByAnIndex() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let person = try await database.session().person()
        let plan = try await database.sql(
            """
            SET enable_seqscan = off;
            EXPLAIN SELECT until FROM convonet_admin.password_state WHERE account_id = '\(person.idText)'
            """)
        #expect(plan.contains("Index") && plan.contains("account_id = '"), "\(plan)")
        _ = try await database.session().newPassword(for: person)
        let role = "app_\(database.name)"
        try await database.sql("CREATE ROLE \(role) LOGIN")
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: [.init(kind: .application, role: role)]))
        #expect(
            try await database.sql(
                "SET ROLE \(role); SELECT account_id, must_change FROM convonet_admin.password_state")
                == "\(person.idText)|t")
        for closed in ["temporary_password", "audit_event"] {
            let refusal = await database.refusal(of: "SET ROLE \(role); SELECT FROM convonet_admin.\(closed)")
            #expect(refusal?.contains("permission denied") == true)
        }
        try await database.sql("DROP ROLE \(role)")
        #expect(
            try await database.sql(
                """
                SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'convonet_admin.password_state'::regclass
                """) == "account_id must_change until")
    }
}
