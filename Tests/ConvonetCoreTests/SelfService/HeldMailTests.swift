import ConvonetCore
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// An operator's open transaction holds up the mail that it is about, and nobody else's.
@Suite(.dropsDatabases) struct HeldMailTests {
    private struct Scene: Sendable {
        let database: TestDatabase
        let (desk, staff): (SelfServiceDatabase, AdminSession)
        /// Whose mail is held, and two others.
        let people: [Account]

        init() async throws {
            database = try await TestDatabase.quick()
            try await database.setPolicy("notify_changes = true")
            desk = try database.selfService()
            staff = try await database.session()
            people = try await staff.people(3)
        }

        /// What is taken while an operator's transaction is open in which these statements were run.
        func kindsTaken(holding statements: String) async throws -> [String] {
            try await database.pool(.operator).withConnection { holder in
                try await holder.run(script: "BEGIN; \(statements)", limit: .seconds(10))
                let kinds = try await kindsTaken()
                await holder.rollback()
                return kinds
            }
        }

        /// Everybody's but the first one's.
        func othersGetTheirMail() async throws {
            #expect(try await staff.perform(.issuePIN, on: people[1]).outcome == .done)
            _ = try await staff.callers.sendCode(to: people[2], key: CallerKey())
        }

        func kindsTaken() async throws -> [String] {
            var kinds: [String] = []
            while let mail = try await desk.nextMail() {
                switch mail.content {
                case .link, .linkAfterExpiry: kinds.append("link")
                case .pinLink: kinds.append("PIN link")
                case .notice(let action, _): kinds.append(action)
                case .callerCode, .textCode: kinds.append("code")
                case .approvalRequest: kinds.append("approval")
                }
                try await desk.end(mail, as: .sent)
            }
            return kinds
        }

        func makeDue() async throws {
            try await database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now() WHERE state = 'waiting'")
        }
    }

    @Test(arguments: [AccountChange.Action.revokeResetLinks, .setActive(false)])
    func aLinkThatIsHeldHoldsNobodyElseUp(by action: AccountChange.Action) async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.people[0]).outcome == .done)
        try await scene.othersGetTheirMail()
        #expect(
            try await scene.kindsTaken(holding: TestDatabase.call(action, scene.people[0])) == [
                "code", "issue_voice_pin",
            ])
        try await scene.makeDue()
        #expect(try await scene.kindsTaken() == ["link"])
    }

    /// The code of somebody whose address is another now is ended by whoever comes upon it first.
    @Test func aCodeThatIsHeldHoldsNobodyElseUp() async throws {
        let scene = try await Scene()
        _ = try await scene.staff.callers.sendCode(to: scene.people[0], key: CallerKey())
        try await scene.othersGetTheirMail()
        try await scene.database.sql(
            "UPDATE users_convonet SET email = 'elsewhere@example.org' WHERE id = '\(scene.people[0].idText)'")
        #expect(
            try await scene.kindsTaken(holding: TestDatabase.wrongCode(scene.people[0])) == ["code", "issue_voice_pin"])
        try await scene.makeDue()
        #expect(try await scene.kindsTaken() == [])
        #expect(
            try await scene.database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE state = 'void'") == "1")
    }

    /// What somebody asked for needs the log's head, which the same transaction holds; and it comes last.
    @Test func aRequestThatHasToWaitIsPutOff() async throws {
        let scene = try await Scene()
        try await scene.desk.requestLink(to: scene.people[0].email, from: "192.0.2.1")
        try await scene.othersGetTheirMail()
        #expect(
            try await scene.kindsTaken(holding: TestDatabase.call(.signOut, scene.people[0])) == [
                "code", "issue_voice_pin",
            ])
        try await scene.makeDue()
        #expect(try await scene.kindsTaken() == ["link"])
    }

    /// However often somebody asks for a link while the application holds that person's row: each waits once for all of them.
    @Test func allRequestsForOneArePutOffTogether() async throws {
        let scene = try await Scene()
        for _ in 0..<4 { try await scene.desk.requestLink(to: scene.people[0].email, from: "192.0.2.1") }
        try await scene.desk.requestLink(to: scene.people[1].email, from: "192.0.2.2")
        try await scene.database.pool(.owner).withConnection { holder in
            try await holder.run(
                script: "BEGIN; SELECT id FROM users_convonet WHERE id = '\(scene.people[0].idText)' FOR UPDATE;",
                limit: .seconds(10))
            var addresses: [String] = []
            // One that tells that there was no time to go on.
            for _ in 0..<3 { while let mail = try await scene.desk.nextMail() { addresses.append(mail.address) } }
            #expect(addresses == [scene.people[1].email])
            await holder.rollback()
        }
        try await scene.makeDue()
        #expect(try await !scene.kindsTaken().isEmpty)
    }

    /// One person who cannot be read, by a policy or a type of the application's, is put off with whatever is for them.
    @Test(arguments: [
        ("22012", "RETURN 1 / 0 = 1;"), ("P0004", "ASSERT false;"),
        // What our own functions say by a code, nobody else's do.
        ("38000", "RAISE EXCEPTION SQLSTATE 'CA012';"), ("38000", "RAISE EXCEPTION SQLSTATE 'CA007';"),
        ("38000", "RAISE EXCEPTION SQLSTATE 'CA099';"), ("38000", "RAISE EXCEPTION SQLSTATE 'P0002';"),
        // Nor what the server says of itself, the connection, or a statement whose time is over.
        ("38000", "RAISE EXCEPTION SQLSTATE '08006';"), ("57014", "RAISE EXCEPTION SQLSTATE '57014';"),
    ])
    func whoCannotBeReadHoldsNobodyElseUp(state: String, body: String) async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.people[0]).outcome == .done)
        #expect(try await scene.staff.perform(.issuePIN, on: scene.people[0]).outcome == .done)
        try await scene.othersGetTheirMail()
        try await scene.database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE FUNCTION public.see(id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN IF id = '\(scene.people[0].idText)' THEN \(body) END IF; RETURN true; END $$;
            CREATE POLICY one ON users_convonet TO PUBLIC USING (public.see(id)) WITH CHECK (true);
            """, as: .owner)
        #expect(try await scene.kindsTaken() == ["code", "issue_voice_pin", "issue_voice_pin"])
        #expect(
            try await scene.database.sql("SELECT last_error FROM convonet_admin.mail_queue WHERE state = 'waiting'")
                == "SQLSTATE \(state)")
        try await scene.database.sql(
            "DROP POLICY one ON users_convonet; ALTER TABLE users_convonet DISABLE ROW LEVEL SECURITY", as: .owner)
        try await scene.makeDue()
        #expect(try await scene.kindsTaken() == ["link"])
    }

    /// A policy that never comes to its end for one person: their mail waits, and everybody else's goes.
    @Test func whoTakesTooLongToReadHoldsNobodyElseUp() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.people[0]).outcome == .done)
        try await scene.desk.requestLink(to: scene.people[0].email, from: "192.0.2.1")
        try await scene.othersGetTheirMail()
        // Before all others.
        try await scene.database.sql(
            "UPDATE convonet_admin.mail_queue SET next_try_at = now() - interval '10 minutes' WHERE kind = 'reset_link'"
        )
        try await scene.database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE FUNCTION public.see(id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN IF id = '\(scene.people[0].idText)' THEN PERFORM pg_sleep(600); END IF; RETURN true; END $$;
            CREATE POLICY one ON users_convonet TO PUBLIC USING (public.see(id)) WITH CHECK (true);
            """, as: .owner)
        let take =
            "SELECT kind FROM convonet_admin.self_take_mail(sha256(random()::text::bytea), '{\"sends_codes\": true}')"
        var kinds: [String] = []
        for _ in 0..<4 {
            kinds.append(try await scene.database.sql("SET statement_timeout = '700ms'; \(take)", as: .selfService))
        }
        // After the time of a statement is over, nothing else is done in it.
        #expect(kinds == ["", "caller_code", "notice", ""])
        #expect(
            try await scene.database.sql(
                "SELECT string_agg(DISTINCT concat_ws(' ', state, last_error), ', ') FROM convonet_admin.mail_queue WHERE kind LIKE '%link%'"
            ) == "waiting SQLSTATE 57014")
    }

    /// Somebody who cannot be read, and an address that nobody has, for which everybody is looked at: others get their links.
    @Test(arguments: ["22012", "57014"]) func whoCannotBeReadKeepsNobodyFromALink(state: String) async throws {
        let scene = try await Scene()
        try await scene.database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE FUNCTION public.see(id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN IF id = '\(scene.people[0].idText)' THEN RAISE SQLSTATE '\(state)'; END IF; RETURN true; END $$;
            CREATE POLICY one ON users_convonet TO PUBLIC USING (public.see(id)) WITH CHECK (true);
            """, as: .owner)
        // As many as it takes for an index to be used.
        try await scene.database.sql(
            """
            INSERT INTO users_convonet (id, email, username, password_hash, first_name, last_name, is_active, is_verified,
                created_at, updated_at)
            SELECT gen_random_uuid(), 'more' || i || '@example.org', 'more' || i, 'x', 'More', 'People', true, true, now(), now()
            FROM generate_series(1, 20000) AS i;
            ANALYZE users_convonet
            """)
        let addresses = [scene.people[0].email, "nobody@example.org", scene.people[1].email, scene.people[2].email]
        for address in addresses { try await scene.desk.requestLink(to: address, from: "192.0.2.1") }
        var kinds = try await scene.kindsTaken()
        // What looks like the end of a statement's time lets others wait for some seconds.
        for _ in 0..<3 where state == "57014" {
            try await scene.database.sql(
                "UPDATE convonet_admin.mail_queue SET next_try_at = now() WHERE last_error IS NULL")
            kinds += try await scene.kindsTaken()
        }
        #expect(kinds == ["link", "link"])
        #expect(
            try await scene.database.sql(
                "SELECT string_agg(address, ' ' ORDER BY id) FROM convonet_admin.mail_queue WHERE state = 'waiting'")
                == "\(scene.people[0].email) nobody@example.org")
    }

    /// Somebody who takes a while to read, and perhaps then cannot be, by an index or by a walk: whatever else was asked for,
    /// each call gets further.
    @Test(arguments: ["RAISE SQLSTATE '22012';", "RETURN true;"])
    func whoIsSlowToReadHoldsNobodyElseUp(end: String) async throws {
        let scene = try await Scene()
        for person in scene.people.prefix(3) { try await scene.desk.requestLink(to: person.email, from: "192.0.2.1") }
        try await scene.desk.requestLink(to: "nobody@example.org", from: "192.0.2.1")
        try await scene.database.sql(
            "UPDATE convonet_admin.mail_queue SET next_try_at = now() - interval '10 minutes'")
        #expect(try await scene.staff.perform(.issuePIN, on: scene.people[1]).outcome == .done)
        try await scene.database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE FUNCTION public.see(id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                IF id = '\(scene.people[0].idText)' THEN PERFORM pg_sleep(1.1); \(end) END IF;
                RETURN true;
            END $$;
            CREATE POLICY one ON users_convonet TO PUBLIC USING (public.see(id)) WITH CHECK (true);
            """, as: .owner)
        let take = "SELECT kind FROM convonet_admin.self_take_mail(sha256(random()::text::bytea), '{}')"
        var kinds: [String] = []
        while kinds.count < 12, !kinds.contains("notice") {
            kinds.append(try await scene.database.sql(take, as: .selfService))
        }
        #expect(kinds.contains("notice"), "\(kinds)")
    }

    /// Where people are hidden nothing is known of an address that nobody has: that waits, and everybody else's goes.
    @Test func whereSomebodyMayBeHiddenOnlyWhatIsAboutThemWaits() async throws {
        let scene = try await Scene()
        try await scene.desk.requestLink(to: "nobody@example.org", from: "192.0.2.1")
        try await scene.desk.requestLink(to: scene.people[2].email.uppercased(), from: "192.0.2.1")
        try await scene.database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now() - interval '10 minutes'")
        #expect(try await scene.staff.perform(.issuePIN, on: scene.people[1]).outcome == .done)
        try await scene.database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; ALTER TABLE users_convonet FORCE ROW LEVEL SECURITY;
            CREATE POLICY most ON users_convonet TO PUBLIC USING (id IS NOT NULL) WITH CHECK (true);
            """, as: .owner)
        #expect(try await scene.kindsTaken().sorted() == ["issue_voice_pin", "link"])
        #expect(
            try await scene.database.sql("SELECT last_error FROM convonet_admin.mail_queue WHERE state = 'waiting'")
                == "SQLSTATE CA007")
    }

    /// Codes for callers come first, but those of an hour keep no other mail waiting for good.
    @Test func codesHoldNobodyElseUpForGood() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.issuePIN, on: scene.people[1]).outcome == .done)
        try await scene.database.sql(
            "UPDATE convonet_admin.mail_queue SET created_at = now() - interval '3 minutes', next_try_at = created_at - interval '3 minutes'"
        )
        _ = try await scene.staff.callers.sendCode(to: scene.people[0], key: CallerKey())
        #expect(try await scene.kindsTaken() == ["issue_voice_pin", "code"])
    }

    /// Whoever is on the phone, and what must be heard of in time, comes before links, however many there are; and staff can
    /// queue no more of them for one person than that person reads.
    @Test func linksHoldNobodyElseUp() async throws {
        let scene = try await Scene()
        for _ in 0..<10 {
            #expect(try await scene.staff.perform(.sendResetLink, on: scene.people[0]).outcome == .done)
        }
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.people[0]).rule == "links_sent")
        try await scene.othersGetTheirMail()
        let kinds = try await scene.kindsTaken()
        #expect(Array(kinds.prefix(2)) == ["code", "issue_voice_pin"] && kinds.count == 12)
    }

    @Test func whatIsHeldIsTidiedLaterAndTheRestNow() async throws {
        let scene = try await Scene()
        let (held, other) = (scene.people[0], scene.people[1])
        for person in [held, other] {
            #expect(try await scene.staff.perform(.sendResetLink, on: person).outcome == .done)
            #expect(try await scene.staff.perform(.clearPIN, on: person).outcome == .done)
            _ = try await scene.staff.callers.sendCode(to: person, key: CallerKey())
        }
        try await scene.database.sql(
            """
            UPDATE convonet_admin.mail_queue SET state = 'sent', ended_at = now() - interval '31 days';
            -- Nobody ever took this one.
            UPDATE convonet_admin.mail_queue SET state = 'waiting', ended_at = NULL, give_up_at = now() - interval '31 days'
            WHERE kind = 'reset_link' AND account_id = '\(other.idText)';
            UPDATE convonet_admin.reset_token SET created_at = now() - interval '91 days';
            UPDATE convonet_admin.caller_code SET created_at = now() - interval '2 days';
            UPDATE convonet_admin.replaced_credential SET expires_at = now();
            INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
            SELECT id, 1, now() - interval '3 days', now() FROM users_convonet WHERE id IN ('\(held.idText)', '\(other.idText)')
            """)
        let left = """
            SELECT concat_ws(' ', (SELECT count(*) FROM convonet_admin.mail_queue), (SELECT count(*) FROM convonet_admin.reset_token),
                (SELECT count(*) FROM convonet_admin.caller_code), (SELECT count(*) FROM convonet_admin.wrong_password),
                (SELECT count(*) FROM convonet_admin.replaced_credential))
            """
        // As whoever owns the tables, who can hold everything of one person's at once.
        try await scene.database.superuserPool().withConnection { holder in
            let tables = ["mail_queue", "reset_token", "caller_code", "wrong_password", "replaced_credential"]
            let locks = tables.map {
                "PERFORM FROM convonet_admin.\($0) WHERE account_id = '\(held.idText)' FOR UPDATE;"
            }
            try await holder.run(script: "BEGIN; DO $$ BEGIN \(locks.joined()) END $$", limit: .seconds(10))
            try await scene.desk.tidy()
            // A link, a code and a notice are in the queue.
            #expect(try await scene.database.sql(left) == "3 1 1 1 1")
            await holder.rollback()
        }
        try await scene.desk.tidy()
        #expect(try await scene.database.sql(left) == "0 0 0 0 0")
    }

    /// Tidying that stays open keeps nobody from a change.
    @Test func aChangeDoesNotWaitForTidying() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.clearPIN, on: scene.people[0]).outcome == .done)
        try await scene.database.sql("UPDATE convonet_admin.replaced_credential SET expires_at = now()")
        // A link that is over for good, which nobody used.
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.people[0]).outcome == .done)
        try await scene.database.sql(
            """
            DELETE FROM convonet_admin.mail_queue;
            UPDATE convonet_admin.reset_token SET created_at = now() - interval '91 days', expires_at = now() - interval '90 days',
                token_hash = sha256('a')
            """)
        try await scene.database.pool(.selfService).withConnection { holder in
            try await holder.run(script: "BEGIN; SELECT convonet_admin.self_tidy()", limit: .seconds(10))
            for person in scene.people {
                #expect(try await scene.staff.perform(.issuePIN, on: person).outcome == .done)
                #expect(try await scene.staff.perform(.setActive(false), on: person).outcome == .done)
            }
            await holder.rollback()
        }
    }

    /// Where a request is refused, the log's head is locked: no other mail, with its look for somebody, is prepared under that.
    @Test func whatIsRefusedEndsTheTurn() async throws {
        let scene = try await Scene()
        try await scene.database.sql(
            "UPDATE users_convonet SET is_active = false WHERE id = '\(scene.people[0].idText)'")
        try await scene.desk.requestLink(to: scene.people[0].email, from: "192.0.2.1")
        guard case .more = try await scene.desk.takeMail() else {
            Issue.record("nothing was refused")
            return
        }
        #expect(try await scene.database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "0")
        guard case .nothing = try await scene.desk.takeMail() else {
            Issue.record("there is more")
            return
        }
    }
}
