import AuditVerification
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// Callers' codes that go to a telephone, whose number a view of the site has.
@Suite(.dropsDatabases) struct TextCodeTests {
    private struct Scene {
        let database: TestDatabase
        let (desk, staff): (SelfServiceDatabase, AdminSession)
        let person: Account

        init(
            numbers: String = "SELECT id AS account_id, '+44 (20) 7946-0142'::text AS number FROM users_convonet",
            isGranted: Bool = true, isSent: Bool = true
        ) async throws {
            database = try await TestDatabase.quick()
            (desk, staff) = (try database.selfService(), try await database.session())
            person = try await staff.person()
            if !numbers.isEmpty {
                try await database.sql("CREATE VIEW convonet_admin_phone_numbers AS \(numbers)", as: .owner)
                if isGranted {
                    try await database.sql("GRANT SELECT ON convonet_admin_phone_numbers TO desk_reader", as: .owner)
                }
            }
            // A program says that it is there by asking.
            _ = try await desk.takeMail(sendsTexts: isSent)
        }

        func ask(_ key: CallerKey = CallerKey()) async throws -> String? {
            try await staff.callers.sendCode(to: person, by: .text, key: key).rule
        }

        /// Takes what is to be sent to a telephone.
        func taken() async throws -> (number: String, digits: String) {
            guard case .mail(let mail) = try await desk.takeMail(sendsTexts: true),
                case .textCode(let code, _) = mail.content
            else {
                Issue.record("nothing for a telephone")
                return ("", "")
            }
            #expect(mail.secret == code.digits)
            try await desk.end(mail, as: .sent)
            return (mail.address, code.digits)
        }

        func prove() async throws {
            let key = CallerKey()
            #expect(try await ask(key) == nil)
            #expect(try await staff.callers.verify(person, code: try await taken().digits, key: key).isDone)
        }

        func state() async throws -> CallerState { try await staff.callers.state(of: person) }
    }

    /// One database user does everything there, and reads the view itself.
    @Test func withoutRolesCodesGoToTheTelephone() async throws {
        let database = try await TestDatabase.quick(.migratedWithoutRoles)
        try await database.sql(
            "CREATE VIEW convonet_admin_phone_numbers AS SELECT id AS account_id, '+4420-79460142'::text AS number FROM users_convonet",
            as: .owner)
        let desk = SelfServiceDatabase(try database.pool(.owner), application: "tests", host: "web-1")
        let anna = try await database.session(.owner)
        let carla = try await database.session(.owner, identity: TestDatabase.secondIdentity)
        let (person, key) = (try await anna.person(), CallerKey())
        #expect(try await anna.callers.sendCode(to: person, by: .text, key: key).rule == "no_phone_number")
        _ = try await desk.takeMail(sendsTexts: true)
        #expect(try await anna.callers.state(of: person).phone == "…42")
        #expect(try await anna.callers.sendCode(to: person, by: .text, key: key).isDone)
        guard case .mail(let mail) = try await desk.takeMail(sendsTexts: true),
            case .textCode(let code, _) = mail.content
        else {
            Issue.record("nothing for a telephone")
            return
        }
        #expect(mail.address == "+442079460142")
        try await desk.end(mail, as: .sent)
        // What was proven is the claimed operator's alone.
        #expect(try await carla.callers.verify(person, code: code.digits, key: key).rule == "code_missing")
        #expect(try await anna.callers.verify(person, code: code.digits, key: key).isDone)
        #expect(try await anna.callers.state(of: person).proof?.points == 2)
        #expect(try await carla.callers.state(of: person).proof == nil)
    }

    @Test func aCodeOnTheTelephoneProvesWhoIsSpeakingBesidesOneByMail() async throws {
        let scene = try await Scene()
        #expect(try await scene.state() == CallerState(needed: 0, phone: "…42"))
        let key = CallerKey()
        #expect(try await scene.ask(key) == nil)
        let text = try await scene.taken()
        #expect(text.number == "+442079460142")
        let code = try #require(try await scene.state().code)
        #expect(code.way == .text && code.address == "…42" && code.state == .sent && code.triesLeft == 5)
        #expect(try await scene.staff.callers.verify(scene.person, code: text.digits, key: key).isDone)
        #expect(try await scene.state().proof?.points == 2)
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        try await scene.database.prove(scene.person, to: scene.staff)
        let proof = try #require(try await scene.state().proof)
        #expect(proof.points == 5 && proof.ways == "mail_code+text_code")
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        let log = try await scene.database.log()
        #expect(log[0].action == "send_caller_code" && log[0].detail?.hasSuffix(" way=text_code") == true)
        #expect(log[1].detail?.hasSuffix("caller=proven way=text_code points=2") == true)
        #expect(log[2].callerWords == "proven by text code, 2 points")
        #expect(log.last?.callerWords == "proven by mail code and text code, 5 points")
        #expect(log.allSatisfy { !($0.detail ?? "").contains(text.digits) && !($0.detail ?? "").contains("0142") })
        #expect(try await scene.database.session(.auditor).audit.verify().problem == nil)
        // It is no mail of the person's that failed or was sent.
        try await scene.database.sql("DELETE FROM convonet_admin.mail_queue WHERE kind <> 'text_code'")
        let read =
            "SELECT coalesce(mail_state, 'none') FROM convonet_admin.account_obstacles('\(scene.person.idText)')"
        #expect(try await scene.database.sql(read, as: .operator) == "none")
    }

    @Test(arguments: [
        "", "SELECT id AS account_id, 'ask at the desk'::text AS number FROM users_convonet",
        "SELECT id AS account_id, NULL::text AS number FROM users_convonet",
        "SELECT id AS account_id, '0800123;rm'::text AS number FROM users_convonet",
        "SELECT id AS account_id, '١٢٣٤٥٦٧'::text AS number FROM users_convonet",
        "SELECT id AS account_id, '112'::text AS number FROM users_convonet",
        "SELECT id AS account_id, 42 AS telephone FROM users_convonet",
        // Which of two numbers this is, nobody knows; and what is cut is another's.
        "SELECT id AS account_id, '+49 (0) 151 2345678'::text AS number FROM users_convonet",
        "SELECT id AS account_id, '+49      151       2345        6789        0123'::text AS number FROM users_convonet",
        "SELECT id AS account_id, '--12345'::text AS number FROM users_convonet",
        "SELECT id AS account_id, (1 / 0)::text AS number FROM users_convonet",
        "SELECT 1 AS account_id, '0800123456'::text AS number",
        "SELECT id AS account_id, '0800123456'::text AS number FROM users_convonet, generate_series(1, 2)",
    ])
    func withoutANumberThereIsNoSuchWay(numbers: String) async throws {
        let scene = try await Scene(numbers: numbers)
        #expect(try await scene.state().phone == nil)
        #expect(try await scene.ask() == "no_phone_number")
        #expect(try await scene.state().codesLeft == 3)
        try await scene.database.prove(scene.person, to: scene.staff)
    }

    @Test(arguments: [(false, true), (true, false)])
    func norWhereNobodyMayReadItOrSendsToTelephones(isGranted: Bool, isSent: Bool) async throws {
        let scene = try await Scene(isGranted: isGranted, isSent: isSent)
        #expect(try await scene.state().phone == nil)
        #expect(try await scene.ask() == "no_phone_number")
        // One that did is gone.
        if isGranted {
            _ = try await scene.desk.takeMail(sendsTexts: true)
            #expect(try await scene.state().phone == "…42")
            try await scene.database.sql(
                "UPDATE convonet_admin.mail_program SET texts_asked_at = now() - interval '3 minutes'")
            #expect(try await scene.ask() == "no_phone_number")
        }
    }

    @Test func threeAnHourAreSentWhicheverWayTheyGo() async throws {
        let scene = try await Scene()
        #expect(try await scene.ask() == nil)
        #expect(try await scene.staff.callers.sendCode(to: scene.person, key: CallerKey()).isDone)
        #expect(try await scene.ask() == nil)
        #expect(try await scene.ask() == "code_limit")
        #expect(try await scene.staff.callers.sendCode(to: scene.person, key: CallerKey()).rule == "code_limit")
    }

    @Test func anotherNumberEndsTheCodeAndWhatItProved() async throws {
        let scene = try await Scene()
        try await scene.prove()
        let key = CallerKey()
        #expect(try await scene.ask(key) == nil)
        let digits = try await scene.taken().digits
        #expect(try await scene.state().proof?.points == 2)
        try await scene.database.sql(
            """
            CREATE OR REPLACE VIEW convonet_admin_phone_numbers AS
            SELECT id AS account_id, '0800666666'::text AS number FROM users_convonet
            """, as: .owner)
        #expect(try await scene.state().proof == nil)
        #expect(try await scene.staff.callers.verify(scene.person, code: digits, key: key).rule == "code_outdated")
        #expect(try await scene.state().code?.state == .outdated)
    }

    /// That the site works on its table for a moment says nothing of the number.
    @Test func aNumberThatCannotBeReadNowEndsNothing() async throws {
        let scene = try await Scene(numbers: "")
        try await scene.database.sql(
            """
            CREATE TABLE numbers AS SELECT id AS account_id, '0800123456'::text AS number FROM users_convonet;
            CREATE VIEW convonet_admin_phone_numbers AS SELECT * FROM numbers;
            GRANT SELECT ON convonet_admin_phone_numbers TO desk_reader
            """, as: .owner)
        let (key, other) = (CallerKey(), CallerKey())
        #expect(try await scene.ask(key) == nil)
        let digits = try await scene.taken().digits
        try await scene.database.pool(.owner).withConnection { site in
            try await site.run(script: "BEGIN; LOCK TABLE numbers", limit: .seconds(10))
            let refused = try await scene.staff.callers.verify(scene.person, code: digits, key: key)
            #expect(refused.rule == "code_unchecked")
            #expect(refused.message?.contains("cannot be read now") == true)
            #expect(try await scene.ask() == "no_phone_number")
            await site.rollback()
        }
        #expect(try await scene.staff.callers.verify(scene.person, code: digits, key: key).isDone)
        // Nor does a mail that is made ready in that moment.
        #expect(try await scene.ask(other) == nil)
        try await scene.database.pool(.owner).withConnection { site in
            try await site.run(script: "BEGIN; LOCK TABLE numbers", limit: .seconds(10))
            guard case .nothing = try await scene.desk.takeMail(sendsTexts: true) else {
                Issue.record("something was sent to a number that could not be read")
                return
            }
            await site.rollback()
        }
        try await scene.database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now() WHERE state = 'waiting'")
        let later = try await scene.taken().digits
        #expect(try await scene.staff.callers.verify(scene.person, code: later, key: other).isDone)
    }

    /// However long the site's code takes, nobody else waits for it at the account, the code or a link.
    @Test func theViewIsReadBeforeAnythingIsLocked() async throws {
        let scene = try await Scene(numbers: "")
        let tables = try await scene.database.sql(
            """
            SELECT string_agg(t::regclass::oid::text, ',') FROM unnest(ARRAY['public.users_convonet', 'convonet_admin.caller_code',
                'convonet_admin.reset_token', 'convonet_admin.operator_slot', 'convonet_admin.audit_head']) t
            """)
        try await scene.database.sql(
            """
            CREATE FUNCTION number() RETURNS text LANGUAGE plpgsql AS $$
            BEGIN
                RETURN CASE WHEN EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.relation IN (\(tables))
                                         AND l.mode IN ('RowShareLock', 'RowExclusiveLock'))
                            THEN '0800999999' ELSE '0800123456' END;
            END $$;
            CREATE VIEW convonet_admin_phone_numbers AS SELECT id AS account_id, number() AS number FROM users_convonet;
            GRANT SELECT ON convonet_admin_phone_numbers TO desk_reader
            """, as: .owner)
        try await scene.prove()
        #expect(try await scene.state().proof?.points == 2)
        try await scene.database.setPolicy("verification_points = 2")
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        try await scene.database.protect(scene.person)
        #expect(try await scene.staff.perform(.clearPIN, on: scene.person).rule == "approval_required")
        #expect(try await scene.database.sql("SELECT points FROM convonet_admin.approval") == "2")
    }

    /// An operator asked for two codes, and what is made of the first is stored late: the second stays good.
    @Test func aCodeThatIsStoredLateTakesNothingFromTheNewest() async throws {
        let scene = try await Scene()
        let other = try await scene.staff.people(2)[1]
        let key = CallerKey()
        let take =
            "SELECT id || ', ' || attempt FROM convonet_admin.self_take_mail(sha256(random()::text::bytea), '{\"sends_codes\": true}')"
        #expect(try await scene.staff.callers.sendCode(to: other, key: CallerKey()).isDone)
        let first = try await scene.database.sql(take, as: .selfService)
        #expect(try await scene.ask(key) == nil)
        let digits = try await scene.taken().digits
        #expect(
            try await scene.database.sql(
                "SELECT convonet_admin.self_store_caller_code(\(first), sha256('x'), sha256('y')) IS NULL",
                as: .selfService)
                == "t")
        #expect(try await scene.staff.callers.verify(scene.person, code: digits, key: key).isDone)
    }

    @Test func whoeverIsOnlyAnOperatorSeesItsEndAndNoMore() async throws {
        let scene = try await Scene()
        #expect(try await scene.ask() == nil)
        for statement in [
            "SELECT convonet_admin.reader_phone_number('\(scene.person.idText)')",
            "SELECT convonet_admin.phone_number('\(scene.person.idText)')",
            "SELECT number FROM convonet_admin.caller_code", "SELECT address FROM convonet_admin.mail_queue",
            "SELECT convonet_admin.queue_caller_code('send_caller_text', 'text_code', '\(scene.person.idText)', NULL, sha256('k'), gen_random_uuid(), '{}')",
            "SELECT * FROM convonet_admin_phone_numbers",
        ] {
            let words = await scene.database.refusal(of: statement, as: .operator)
            #expect(words?.contains("permission denied") == true, "\(statement): \(words ?? "")")
        }
        let seen = try await scene.database.sql(
            "SELECT s FROM convonet_admin.caller_state('\(scene.person.idText)', '{}') s", as: .operator)
        #expect(seen.contains("…42") && !seen.contains("0142"))
        let send =
            "SELECT convonet_admin.send_caller_text('\(scene.person.idText)', sha256('k'), gen_random_uuid(), '{}')"
        for user in [TestDatabase.User.supervisor, .auditor, .viewer, .stranger, .selfService] {
            #expect(await scene.database.refusal(of: send, as: user)?.contains("permission denied") == true, "\(user)")
        }
        // A program that does not send to telephones is given none, nor is one of before.
        let old = "SELECT count(id) FROM convonet_admin.self_take_mail(sha256('a'), '{\"sends_codes\": true}')"
        #expect(try await scene.database.sql(old, as: .selfService) == "0")
        #expect(try await scene.taken().number == "+442079460142")
    }

    /// The view is the site's, and runs whatever its owner likes: as the hand, and what it does is undone.
    @Test func whatTheViewDoesStaysWithinTheHand() async throws {
        let scene = try await Scene()
        try await scene.database.sql(
            """
            CREATE TABLE loot (who text);
            GRANT INSERT, SELECT ON loot TO PUBLIC;
            CREATE FUNCTION spy(id uuid) RETURNS text LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO public.loot VALUES (current_user);
                PERFORM set_config('search_path', 'public', false);
                RETURN '0800123456';
            END $$;
            CREATE OR REPLACE VIEW convonet_admin_phone_numbers AS SELECT id AS account_id, spy(id) AS number FROM users_convonet;
            """, as: .owner)
        let phone = "SELECT phone FROM convonet_admin.caller_state('\(scene.person.idText)', '{}')"
        #expect(try await scene.database.sql(phone, as: .operator) == "…56")
        #expect(try await scene.ask() == nil)
        #expect(try await scene.database.sql("SELECT count(*) FROM loot") == "0")
        for state in ["P0001", "CA099", "28000"] {
            try await scene.database.sql(
                """
                CREATE OR REPLACE FUNCTION spy(id uuid) RETURNS text LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'words of the view' USING ERRCODE = '\(state)'; END $$
                """, as: .owner)
            #expect(try await scene.database.sql(phone, as: .operator) == "", "\(state)")
        }
    }
}
