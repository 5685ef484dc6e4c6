import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What an operator with psql can do with a transaction that stays open, or is undone.
@Suite(.dropsDatabases) struct OpenTransactionTests {
    @Test func aRefusedAttemptLeavesTheAccountFree() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.setPolicy("protected_accounts = ARRAY['\((try await desk.people(2))[1].email)']")
        let protected = try await desk.people(2)[1]
        for (account, call) in [
            (person, TestDatabase.call(.issuePIN, person, version: "1")),
            (person, TestDatabase.call(.revokeResetLinks, person)),
            (person, TestDatabase.call(.setActive(person.isActive), person)),
            (protected, TestDatabase.call(.issuePIN, protected)),
        ] {
            try await database.pool(.operator).withConnection { holder in
                try await holder.run(script: "BEGIN; \(call)", limit: .seconds(10))
                try await database.sql(
                    "SET lock_timeout = '1s'; UPDATE users_convonet SET last_login_at = now() WHERE id = '\(account.idText)'",
                    as: .owner)
                await holder.rollback()
            }
        }
    }

    @Test func oneTransactionGivesOneAnswer() async throws {
        let database = try await TestDatabase.quick()
        let people = try await database.session().people(3)
        let loop = """
            DO $d$
            DECLARE drawn text; seen text := '';
            BEGIN
                FOR turn IN 1..3 LOOP
                    BEGIN
                        SELECT voice_pin INTO drawn FROM convonet_admin.issue_voice_pin(
                            '\(people[0].idText)', '\(people[0].version)', gen_random_uuid(), '{}');
                        seen := seen || ' ' || drawn;
                        RAISE EXCEPTION 'undo';
                    EXCEPTION WHEN OTHERS THEN NULL;
                    END;
                END LOOP;
                RAISE EXCEPTION 'seen:%', seen;
            END $d$
            """
        #expect(await database.refusal(of: loop, as: .operator)?.contains("seen:\n") == true)
        let all =
            "SELECT count((convonet_admin.set_account_active(id, version, false, gen_random_uuid(), '{}')).outcome) FROM convonet_admin.accounts WHERE is_active"
        #expect(await database.refusal(of: all, as: .operator)?.contains("not first in its transaction") == true)
        #expect(try await database.log().isEmpty)
    }

    @Test func answersAboutPINsAreCountedWhateverIsUndone() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("pin_answers_per_hour = 4, typed_pin_limit = 20, decoys_per_thousand = 0")
        let person = try await database.session().person()
        let issue = "BEGIN; \(TestDatabase.call(.issuePIN, person)) ROLLBACK;"
        let typed = "BEGIN; \(TestDatabase.call(.setPIN(.text("")), person)) ROLLBACK;"
        let answers = try await database.sql(issue + issue + typed + issue + issue + typed, as: .operator)
        #expect(
            answers.split(separator: "\n") == [
                "done", "done", "done", "done", "refused:pin_answer_limit", "refused:pin_answer_limit",
            ])
        // Clearing says nothing of others, and somebody else has their own count.
        #expect(try await database.sql(TestDatabase.call(.clearPIN, person), as: .operator) == "done")
        let now = try await database.session().person()
        #expect(try await database.sql(TestDatabase.call(.issuePIN, now), as: .secondOperator) == "done")
    }

    @Test func whatACallerWroteBeforeDoesNotRunWithinOurs() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.sql(
            """
            CREATE SCHEMA mine AUTHORIZATION test_operator;
            SET ROLE test_operator;
            CREATE TABLE mine.hook (n integer); CREATE TABLE mine.seen (who text, hash text);
            GRANT USAGE ON SCHEMA mine TO PUBLIC; GRANT ALL ON mine.seen TO PUBLIC;
            CREATE FUNCTION mine.spy() RETURNS trigger LANGUAGE plpgsql AS
                $f$ BEGIN INSERT INTO mine.seen SELECT current_user, password_hash FROM public.users_convonet LIMIT 1; RETURN NULL; END $f$;
            CREATE CONSTRAINT TRIGGER spy AFTER INSERT ON mine.hook DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION mine.spy();
            """)
        let words = await database.refusal(
            of: "BEGIN; INSERT INTO mine.hook VALUES (1); \(TestDatabase.call(.issuePIN, person)) COMMIT;",
            as: .operator)
        #expect(words?.contains("not first in its transaction") == true)
        #expect(try await database.sql("SELECT count(*) FROM mine.seen") == "0")
    }
}

extension OpenTransactionTests {
    @Test func noChangeIsPartOfAPreparedTransaction() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        for call in [TestDatabase.call(.issuePIN, person), TestDatabase.call(.issuePIN, person, version: "1")] {
            let words = await database.refusal(of: "BEGIN; \(call) \(database.prepareTransaction)", as: .operator)
            #expect(words?.contains("cannot PREPARE") == true)
        }
        #expect(
            try await database.sql("SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()") == "0")
        // The application's own are named, with the statement that ends each.
        try await database.sql(
            "BEGIN; UPDATE users_convonet SET last_login_at = now() WHERE id = '\(person.idText)'; \(database.prepareTransaction)",
            as: .owner)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(found.contains { $0.mend?.contains("ROLLBACK PREPARED '\(database.name)';") == true })
        let error = await #expect(throws: AdminError.self) {
            try await database.session().perform(.issuePIN, on: person)
        }
        #expect(error?.description.contains("prepared transaction of the database user convonet_owner") == true)
        try await database.sql("ROLLBACK PREPARED '\(database.name)'", as: .owner)
        #expect(try await database.session().perform(.issuePIN, on: person).outcome == .done)
    }

    /// Whoever listens reads what there is in the queue of notifications: of a full one, gigabytes. Here the function takes an
    /// empty one for it.
    @Test func whereTheQueueIsFullNobodyListensAndNoChangeIsPrepared() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.sql(
            "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('convonet_admin.forbid_preparing()'::regprocedure), '0.005', '-1'); END $$"
        )
        let call = TestDatabase.call(.issuePIN, person, version: "1")
        let prepare = database.prepareTransaction
        #expect(
            await database.refusal(of: "BEGIN; \(call) \(prepare)", as: .operator)?.contains("temporary objects")
                == true)
        // Nothing is left of it in the session.
        #expect(
            try await database.sql("\(call) SELECT pg_my_temp_schema(), current_setting('search_path')", as: .operator)
                == "conflict:account_changed\n0|\"$user\", public")
        // Nor in a session that has had temporary objects, or where nobody may have any.
        let words = await database.refusal(
            of: "CREATE TEMP TABLE t (); DROP TABLE t; BEGIN; \(call) \(prepare)", as: .operator)
        #expect(words?.contains("LISTEN") == true)
        try await database.sql("REVOKE TEMP ON DATABASE \(database.name) FROM PUBLIC")
        #expect(
            await database.refusal(of: "BEGIN; \(call) \(prepare)", as: .operator)?.contains("temporary objects")
                == true)
        #expect(try await database.session().perform(.issuePIN, on: person).outcome == .done)
        #expect(
            try await database.sql("SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()") == "0")
    }

    /// What keeps a transaction from being prepared needs no place in the queue of notifications, which everybody can fill.
    @Test func aChangeNotifiesNobody() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let call = TestDatabase.call(.issuePIN, person)
        #expect(
            await database.refusal(of: "BEGIN; \(call) \(database.prepareTransaction)", as: .operator)?.contains(
                "cannot PREPARE")
                == true)
        let answer = try await database.sql(
            """
            LISTEN convonet_admin; LISTEN mine; \(call)
            SELECT count(*) FROM pg_listening_channels(); SELECT pg_notification_queue_usage();
            """, as: .operator)
        #expect(answer == "done\n2\n0")
    }
}

extension OpenTransactionTests {
    @Test func nothingOfSelfServiceIsPartOfAPreparedTransaction() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let token = String(repeating: "a", count: 64)
        for call in [
            "self_admit('request', '192.0.2.1', NULL, false)",
            "self_request_link('\(person.email)', NULL, gen_random_uuid(), '{}')",
            "self_take_mail('\\x\(token)', '{}')", "self_end_mail(1, 1, 'sent', NULL)", "self_tidy()",
            "self_store_caller_code(1, 1, sha256('a'), sha256('b'))",
            "self_check_old_password('\(person.idText)', 'x', gen_random_uuid(), '{}')",
            "self_change_password('\(person.idText)', 'x', 'x', gen_random_uuid(), '{}')",
            "self_record_refusal('reset_password', '\(person.idText)', 'password_empty', gen_random_uuid(), '{}')",
        ] {
            let words = await database.refusal(
                of: "BEGIN; SELECT convonet_admin.\(call); \(database.prepareTransaction)", as: .selfService)
            #expect(words?.contains("cannot PREPARE") == true, "\(call): \(words ?? "")")
        }
        // An old password that is right locks the account, and leaves no event.
        let hash = try await database.stored("password_hash", of: person)
        let words = await database.refusal(
            of: """
                BEGIN; SELECT convonet_admin.self_check_old_password('\(person.idText)', '\(hash)', gen_random_uuid(), '{}');
                \(database.prepareTransaction)
                """, as: .selfService)
        #expect(words?.contains("cannot PREPARE") == true, "\(words ?? "")")
        #expect(
            try await database.sql("SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()") == "0")
    }
}
