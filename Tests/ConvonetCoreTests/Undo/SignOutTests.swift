import AuditVerification
import ConvonetCore
import SelfServiceCore
import TestDatabase
import Testing

/// Since when the application's tokens count.
@Suite(.dropsDatabases) struct SignOutTests {
    private static func cutoff(_ database: TestDatabase, _ person: Account) async throws -> String {
        try await database.sql(
            """
            SELECT e.action FROM convonet_admin.tokens_not_before t JOIN convonet_admin.audit_event e
            ON (e.account_id, e.occurred_at + interval '2 seconds') = (t.account_id, t.not_before) WHERE t.account_id = '\(person.idText)'
            """)
    }

    /// A reset's receipt, and the second of its time since 1970.
    private static func reset(_ person: Account, in database: TestDatabase, by session: AdminSession) async throws -> (
        Int, Int
    ) {
        let receipt = try await database.reset(person, .generatePassword, by: session)
        let time =
            "SELECT floor(extract(epoch FROM occurred_at)) FROM convonet_admin.audit_event WHERE sequence = \(receipt)"
        return (receipt, try #require(Int(try await database.sql(time))))
    }

    @Test func whatEndsTokensIsSeenByTheApplication() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        #expect(try await Self.cutoff(database, person) == "")
        #expect(try await session.perform(.issuePIN, on: person).outcome == .done)
        #expect(try await Self.cutoff(database, person) == "")
        for action in [AccountChange.Action.signOut, .generatePassword, .setActive(false)] {
            #expect(try await session.perform(action, on: person).outcome == .done)
            #expect(try await Self.cutoff(database, person) == action.name)
        }
        #expect(try await session.perform(.setActive(true), on: person).outcome == .done)
        #expect(try await Self.cutoff(database, person) == "deactivate")
        let hash = try await database.stored("password_hash", of: person)
        #expect(try await session.perform(.signOut, on: person).outcome == .done)
        #expect(try await database.stored("password_hash", of: person) == hash)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func aSlipThatWasTakenBackEndsNoTokens() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(2)
        #expect(try await session.perform(.signOut, on: people[0]).outcome == .done)
        for (person, before) in [(people[0], "sign_out"), (people[1], "")] {
            let receipt = try await database.reset(person, .generatePassword, by: session)
            #expect(try await Self.cutoff(database, person) == "reset_password")
            #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
            #expect(try await Self.cutoff(database, person) == before)
        }
    }

    @Test func aSignOutIsRefusedLikeEveryChange() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(2)
        try await database.setPolicy("states_per_operator_hour = 1")
        #expect(try await session.perform(.signOut, on: people[0]).outcome == .done)
        #expect(try await session.perform(.signOut, on: people[1]).rule == "state_budget")
        #expect(try await Self.cutoff(database, people[1]) == "")
    }

    /// Whoever was read the new password by mistake has a token from between the two; the person's own from before count again.
    @Test func aTokenOfThePasswordThatWasTakenBackIsNoGood() async throws {
        let database = try await TestDatabase.quick()
        let (desk, session) = (try database.selfService(), try await database.session())
        let person = try await session.person()
        let (receipt, second) = try await Self.reset(person, in: database, by: session)
        #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
        for (issuedAt, isGood) in [(second - 1, true), (second, false), (second + 3600, true)] {
            let found = try await desk.signedInPerson(person.id, tokenIssuedAt: issuedAt)
            #expect((found != nil) == isGood, "\(issuedAt - second)")
        }
    }

    /// Until a change is committed the application takes the old password: what it gives then is from before, too.
    @Test func aTokenFromBeforeTheCommitIsFromBefore() async throws {
        let database = try await TestDatabase.quick()
        let (desk, session) = (try database.selfService(), try await database.session())
        let person = try await session.person()
        let (_, second) = try await Self.reset(person, in: database, by: session)
        #expect(try await desk.signedInPerson(person.id, tokenIssuedAt: second + 1) == nil)
        #expect(try await desk.signedInPerson(person.id, tokenIssuedAt: second + 3) != nil)
    }

    /// Tokens say whole seconds: of the same second nobody knows which was first.
    @Test func aTokenOfTheSameSecondIsFromBefore() async throws {
        let database = try await TestDatabase.quick()
        let (desk, session) = (try database.selfService(), try await database.session())
        let person = try await session.person()
        #expect(try await desk.signedInPerson(person.id, tokenIssuedAt: nil)?.person.email == person.email)
        #expect(try await session.perform(.signOut, on: person).outcome == .done)
        let second = try #require(
            Int(
                try await database.sql(
                    "SELECT floor(extract(epoch FROM not_before)) FROM convonet_admin.tokens_not_before")))
        for (issuedAt, isGood) in [(nil, false), (0, false), (second, false), (second + 1, true)] as [(Int?, Bool)] {
            let found = try await desk.signedInPerson(person.id, tokenIssuedAt: issuedAt)
            #expect((found != nil) == isGood, "\(issuedAt.map(String.init) ?? "nil")")
        }
        // A program of version 8 does not say.
        #expect(
            try await database.sql(
                "SELECT count(*) FROM convonet_admin.self_signed_in('\(person.idText)')", as: .selfService) == "1")
    }

    /// It is asked while the log's head is held, of an account of which thousands may have been taken back: each event is looked at
    /// once, whatever the planner makes of it.
    @Test func whatEndsTokensIsFoundWithoutAJoin() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let plan = try await database.sql(
            """
            SET enable_seqscan = off; SET enable_hashagg = off;
            EXPLAIN SELECT max(t.not_before) FROM convonet_admin.token_end t WHERE t.account_id = '\(person.idText)'
            """)
        #expect(!plan.contains("Join") && !plan.contains("Loop"), "\(plan)")
        // Of this account alone.
        #expect(plan.split(separator: "(account_id = '").count == 3, "\(plan)")
    }

    /// As a superuser's restore of an older log leaves it: its end is gone, and its numbers come again.
    private static func loseEnd(_ database: TestDatabase, from sequence: Int) async throws {
        try await database.sql(
            """
            BEGIN; SET LOCAL session_replication_role = replica;
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER append_only;
            ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER moves_on;
            DELETE FROM convonet_admin.audit_event WHERE sequence >= \(sequence);
            UPDATE convonet_admin.audit_head SET sequence = e.sequence, hash = e.hash
            FROM (SELECT * FROM convonet_admin.audit_event ORDER BY sequence DESC LIMIT 1) e;
            ALTER TABLE convonet_admin.audit_event ENABLE ALWAYS TRIGGER append_only;
            ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER moves_on; COMMIT;
            """)
    }

    @Test func whatTheLogLostIsNotTakenBack() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        #expect(try await session.perform(.setVerified(!person.isVerified), on: person).outcome == .done)
        let receipt = try await database.reset(person, .generatePassword, by: session)
        try await Self.loseEnd(database, from: receipt)
        #expect(try await session.perform(.undo(receipt: receipt), on: person).rule == "undo_missing")
        #expect(try await session.changes.undoable(of: person).isEmpty)
    }

    /// The number is the one that a later reset gets.
    @Test func anUndoEndsNothingThatCameAfterIt() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        try await database.sql(
            """
            DO $$ DECLARE e convonet_admin.audit_event; BEGIN
                e.actor_kind := 'operator'; e.action := 'undo'; e.outcome := 'done'; e.account_id := '\(person.idText)';
                e.db_user := 'test_operator'; e.detail := 'undoes=2';
                PERFORM convonet_admin.append_event(e);
            END $$
            """)
        let password = try await database.reset(person, .generatePassword, by: session)
        #expect(password == 2)
        let pin = try await database.reset(person, .issuePIN, by: session)
        #expect(try await session.perform(.undo(receipt: pin), on: person).outcome == .done)
        #expect(try await Self.cutoff(database, person) == "reset_password")
        #expect(try await session.perform(.undo(receipt: password), on: person).outcome == .done)
        #expect(try await Self.cutoff(database, person) == "")
    }
}
