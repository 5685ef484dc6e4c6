import AuditVerification
import ConvonetDatabase
import EmbeddedPostgres
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// A reset that was a slip is taken back, by whom and as long as that is right.
@Suite(.dropsDatabases) struct UndoTests {
    @Test func aPasswordComesBackAndBothStandInTheLog() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let before = try await database.stored("password_hash", of: person)
        let receipt = try await database.reset(person, .generatePassword, by: session)
        #expect(try await database.stored("password_hash", of: person) != before)
        let result = try await session.perform(
            .undo(receipt: receipt), on: person, context: ChangeContext(reason: "wrong person"))
        #expect(result.outcome == .done && result.message == nil)
        #expect(try await database.stored("password_hash", of: person) == before)
        let log = try await database.log()
        #expect(log.map(\.action) == ["reset_password", "undo"])
        #expect(log[1].detail == "undoes=\(receipt)" && log[1].reason == "wrong person")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
    }

    @Test(arguments: [AccountChange.Action.issuePIN, .setPIN(.text("730592")), .clearPIN])
    func aVoicePINComesBack(action: AccountChange.Action) async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("decoys_per_thousand = 0")
        let session = try await database.session()
        let person = try await session.person()
        let before = try await database.stored("voice_pin", of: person)
        let receipt = try await database.reset(person, action, by: session)
        #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
        #expect(try await database.stored("voice_pin", of: person) == before)
    }

    @Test func whoHadNoPINAndWhoSignsInElsewhereAreAsBefore() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person { $0.signIn == .external && $0.isActive }
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL WHERE id = '\(person.idText)'")
        let marker = try await database.stored("password_hash", of: person)
        let password = try await session.perform(
            .generatePassword, on: person, context: ChangeContext(wantsLocalPassword: true))
        let pin = try await database.reset(person, .issuePIN, by: session)
        // Both of one call, the later one first.
        #expect(try await session.changes.undoable(of: person).map(\.receipt) == [pin, password.receipt?.sequence])
        for receipt in [pin, password.receipt?.sequence ?? 0] {
            #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
        }
        #expect(try await database.stored("password_hash", of: person) == marker)
        #expect(try await database.stored("voice_pin", of: person) == "NULL")
    }

    @Test func whatWasUsedTakenBackOrIsSomebodyElsesStays() async throws {
        let database = try await TestDatabase.quick()
        let (session, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await session.people(4)
        func rule(_ receipt: Int, _ person: Account, by desk: AdminSession? = nil) async throws -> String? {
            try await (desk ?? session).perform(.undo(receipt: receipt), on: person).rule
        }
        // Somebody else's, and of another account.
        let first = try await database.reset(people[0], .issuePIN, by: session)
        #expect(try await rule(first, people[0], by: other) == "undo_foreign")
        #expect(try await other.changes.undoable(of: people[0]).isEmpty)
        #expect(try await rule(first, people[1]) == "undo_missing")
        #expect(try await rule(first + 1_000_000, people[0]) == "undo_missing")
        // Taken back already, and the taking back.
        #expect(try await rule(first, people[0]) == nil)
        #expect(try await rule(first, people[0]) == "undo_done")
        let undone = try await database.log().last { $0.action == "undo" && $0.outcome == "done" }
        #expect(try await rule(try #require(undone).sequence, people[0]) == "undo_of_undo")
        // The person has signed in.
        let second = try await database.reset(people[1], .generatePassword, by: session)
        let hash = try await database.stored("password_hash", of: people[1])
        try await database.sql("UPDATE users_convonet SET last_login_at = now() WHERE id = '\(people[1].idText)'")
        #expect(try await session.changes.undoable(of: people[1]).isEmpty)
        #expect(try await rule(second, people[1]) == "undo_outdated")
        #expect(try await database.stored("password_hash", of: people[1]) == hash)
        // Reset once more.
        let third = try await database.reset(people[2], .issuePIN, by: session)
        _ = try await database.reset(people[2], .issuePIN, by: session)
        #expect(try await rule(third, people[2]) == "undo_covered")
        // The time is over.
        let fourth = try await database.reset(people[3], .issuePIN, by: session)
        try await database.sql("UPDATE convonet_admin.replaced_credential SET expires_at = clock_timestamp()")
        #expect(try await rule(fourth, people[3]) == "undo_expired")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// What is only counted has no number: a stranger's refused tries must not end what staff can take back.
    @Test func refusalsThatAreOnlyCountedEndNothing() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("self_service_refusals_per_hour = 1")
        let session = try await database.session()
        let people = try await session.people(2)
        let receipt = try await database.reset(people[0], .issuePIN, by: session)
        for _ in 0..<3 {
            try await database.sql(
                """
                SELECT convonet_admin.self_record_refusal(
                    'reset_password', '\(people[1].idText)', 'password_empty', gen_random_uuid(), '{"host": "web-1"}')
                """, as: .selfService)
        }
        #expect(try await session.changes.undoable(of: people[0]).map(\.receipt) == [receipt])
    }

    /// The slip is noticed at the second PIN: the first one was read to somebody, too.
    @Test func severalInARowAreTakenBackOneAfterTheOther() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let before = try await database.stored("voice_pin", of: person)
        var receipts: [Int] = []
        for _ in 0..<3 { receipts.append(try await database.reset(person, .issuePIN, by: session)) }
        for (index, receipt) in receipts.enumerated().reversed() {
            #expect(try await session.changes.undoable(of: person).map(\.receipt) == [receipt])
            if index > 0 {
                #expect(try await session.perform(.undo(receipt: receipts[0]), on: person).rule == "undo_covered")
            }
            #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
        }
        #expect(try await database.stored("voice_pin", of: person) == before)
        // Where something came between, there is no way back beyond it.
        let first = try await database.reset(person, .issuePIN, by: session)
        try await database.sql("UPDATE users_convonet SET last_login_at = now() WHERE id = '\(person.idText)'")
        let second = try await database.reset(person, .issuePIN, by: session)
        #expect(try await session.perform(.undo(receipt: second), on: person).outcome == .done)
        #expect(try await session.perform(.undo(receipt: first), on: person).rule == "undo_expired")
    }

    @Test(arguments: [TestDatabase.User.lead, .supervisor])
    func aSupervisorTakesBackWhatOthersDid(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.quick()
        let (session, lead) = (try await database.session(), try await database.session(user))
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        #expect(try await lead.changes.undoable(of: person).map(\.receipt) == [receipt])
        #expect(try await lead.perform(.undo(receipt: receipt), on: person).outcome == .done)
    }

    @Test func theCallerIsNotAskedNorASecondPerson() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        try await database.protect(person)
        try await database.setPolicy(
            "verification_points = 3, verification_methods = '{callback}', require_reason = true, typed_pin_limit = 0")
        #expect(try await session.perform(.undo(receipt: receipt), on: person).rule == "reason_required")
        let result = try await session.perform(
            .undo(receipt: receipt), on: person, context: ChangeContext(reason: "slip"))
        #expect(result.outcome == .done)
    }

    @Test func nothingIsKeptWhereThePolicyDoesNotWantIt() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("undo_minutes = 0")
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
        #expect(try await session.perform(.undo(receipt: receipt), on: person).rule == "undo_expired")
    }

    /// Less time ends what was kept before, and more time later brings nothing back.
    @Test func whereASupervisorAllowsLessNothingComesBackLater() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        for minutes in [0, 15] {
            let set =
                "SELECT outcome FROM convonet_admin.set_policy('{\"undo_minutes\": \(minutes)}', gen_random_uuid(), '{}')"
            #expect(try await database.sql(set, as: .supervisor) == "done")
            #expect(try await database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
        }
        #expect(try await session.perform(.undo(receipt: receipt), on: person).rule == "undo_expired")
    }

    /// What somebody tidies and leaves open holds no supervisor up.
    @Test func anOpenTidyKeepsNobodyFromChangingThePolicy() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        _ = try await database.reset(person, .issuePIN, by: database.session())
        try await database.sql("UPDATE convonet_admin.replaced_credential SET expires_at = now()")
        try await database.pool(.operator).withConnection { tidying in
            try await tidying.run(script: "BEGIN; SELECT convonet_admin.tidy()", limit: .seconds(10))
            for minutes in [1, 0] {
                let set =
                    "SELECT outcome FROM convonet_admin.set_policy('{\"undo_minutes\": \(minutes)}', gen_random_uuid(), '{}')"
                #expect(try await database.sql(set, as: .supervisor) == "done")
            }
            await tidying.rollback()
        }
    }

    /// Neither what a reset keeps that is under way.
    @Test func noResetUnderWayKeepsSomethingByThePolicyOfBefore() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let set = "SELECT outcome FROM convonet_admin.set_policy('{\"undo_minutes\": 0}', gen_random_uuid(), '{}')"
        async let reset = database.sql(
            """
            BEGIN; SELECT outcome FROM convonet_admin.issue_voice_pin(
                '\(person.idText)', (SELECT version FROM convonet_admin.accounts WHERE id = '\(person.idText)'),
                gen_random_uuid(), '{}'); SELECT pg_sleep(1); COMMIT
            """, as: .operator)
        while try await database.sessions(where: "wait_event = 'PgSleep'") == 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await database.sql(set, as: .supervisor) == "done")
        #expect(try await reset.hasPrefix("done"))
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
    }

    @Test func nobodyIsGivenAPINThatMayComeBack() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("decoys_per_thousand = 0")
        let session = try await database.session()
        let people = try await session.people(2)
        let pin = "730592"
        #expect(try await session.perform(.setPIN(.text(pin)), on: people[0]).outcome == .done)
        let receipt = try await database.reset(people[0], .clearPIN, by: session)
        #expect(try await session.perform(.setPIN(.text(pin)), on: people[1]).rule == "pin_unavailable")
        #expect(try await session.perform(.undo(receipt: receipt), on: people[0]).outcome == .done)
        #expect(try await database.stored("voice_pin", of: people[0]) == pin)
        // Only the application itself can have given it to somebody.
        let again = try await database.reset(people[0], .clearPIN, by: session)
        try await database.sql("UPDATE users_convonet SET voice_pin = '\(pin)' WHERE id = '\(people[1].idText)'")
        #expect(try await session.perform(.undo(receipt: again), on: people[0]).rule == "undo_pin_taken")
        #expect(try await database.stored("voice_pin", of: people[0]) == "NULL")
    }

    /// However many there were, no reset takes longer for it.
    @Test func noMoreThanTenOfAColumnAreKept() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        var receipts: [Int] = []
        for _ in 0..<13 { receipts.append(try await database.reset(person, .issuePIN, by: session)) }
        _ = try await database.reset(person, .generatePassword, by: session)
        #expect(
            try await database.sql(
                "SELECT count(*) FILTER (WHERE column_name = 'voice_pin'), count(*) FROM convonet_admin.replaced_credential"
            )
                == "10|11")
        for receipt in receipts.suffix(10).reversed() {
            #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
        }
        #expect(try await session.perform(.undo(receipt: receipts[2]), on: person).rule == "undo_expired")
    }

    /// What is over and not deleted yet, since somebody holds it, is not the last one.
    @Test func tidyingThatIsTakenBackTakesNothingFromOthers() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        _ = try await database.reset(person, .issuePIN, by: session)
        try await database.sql("UPDATE convonet_admin.replaced_credential SET expires_at = clock_timestamp()")
        let second = try await database.pool(.secondOperator).withConnection { holder in
            try await holder.run(script: "BEGIN; SELECT convonet_admin.tidy()", limit: .seconds(10))
            let receipt = try await database.reset(person, .issuePIN, by: session)
            await holder.rollback()
            return receipt
        }
        let third = try await database.reset(person, .issuePIN, by: session)
        for receipt in [third, second] {
            #expect(try await session.perform(.undo(receipt: receipt), on: person).outcome == .done)
        }
    }

    /// Where the application has no index that says so.
    @Test func nobodyIsGivenAPINThatAnotherHasNow() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(2)
        _ = try await database.reset(people[0], .issuePIN, by: session)
        let pin = try await database.stored("voice_pin", of: people[0])
        let receipt = try await database.reset(people[0], .issuePIN, by: session)
        try await database.sql(
            """
            DO $$ DECLARE name regclass; BEGIN
                FOR name IN SELECT i.indexrelid FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid
                            WHERE i.indrelid = 'users_convonet'::regclass AND i.indisunique AND a.attname = 'voice_pin'
                LOOP
                    EXECUTE 'ALTER TABLE users_convonet DROP CONSTRAINT IF EXISTS ' || name;
                    EXECUTE 'DROP INDEX IF EXISTS ' || name;
                END LOOP;
            END $$;
            UPDATE users_convonet SET voice_pin = '\(pin)' WHERE id = '\(people[1].idText)'
            """, as: .owner)
        #expect(try await session.perform(.undo(receipt: receipt), on: people[0]).rule == "undo_pin_taken")
        #expect(try await database.stored("voice_pin", of: people[0]) != pin)
    }

    @Test func whoWasNotToldOfTheSlipIsNotToldOfItsEnd() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("notify_changes = true")
        let (session, desk) = (try await database.session(), try database.selfService())
        let people = try await session.people(2)
        let first = try await database.reset(people[0], .issuePIN, by: session)
        #expect(try await session.perform(.undo(receipt: first), on: people[0]).outcome == .done)
        #expect(try await desk.nextMail() == nil)
        let second = try await database.reset(people[1], .issuePIN, by: session)
        let mail = try #require(try await desk.nextMail())
        try await desk.end(mail, as: .sent)
        #expect(try await session.perform(.undo(receipt: second), on: people[1]).outcome == .done)
        let told = try #require(try await desk.nextMail())
        guard case .notice("undo", false) = told.content else {
            Issue.record("\(told.content)")
            return
        }
        #expect(told.address == people[1].email)
    }

    @Test func theSameRequestIsCarriedOutOnceAndForOneReceipt() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        let request = UUID()
        for isReplayed in [false, true] {
            let now = try #require(try await session.accounts.account(id: person.id))
            let result = try await session.changes.perform(
                AccountChange(account: now, action: .undo(receipt: receipt), requestID: request))
            #expect(result.outcome == .done && result.receipt?.isReplayed == isReplayed)
        }
        let second = try await database.reset(person, .issuePIN, by: session)
        let now = try #require(try await session.accounts.account(id: person.id))
        let result = try await session.changes.perform(
            AccountChange(account: now, action: .undo(receipt: second), requestID: request))
        #expect(result.rule == "request_id_reused")
        #expect(try await session.changes.undoable(of: person).map(\.receipt) == [second])
    }

    @Test func whatWouldBeRefusedIsSaidInADryRun() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        func rehearse(_ receipt: Int) async throws -> ChangeResult {
            let now = try #require(try await session.accounts.account(id: person.id))
            return try await session.changes.rehearse(AccountChange(account: now, action: .undo(receipt: receipt)))
        }
        #expect(try await rehearse(receipt).outcome == .wouldDo)
        #expect(try await rehearse(receipt + 1).rule == "undo_missing")
        try await database.sql("UPDATE users_convonet SET last_login_at = now() WHERE id = '\(person.idText)'")
        #expect(try await rehearse(receipt).rule == "undo_outdated")
        #expect(try await session.accounts.find(receipt: receipt).id == person.id)
        await #expect(throws: AdminError.receiptUnknown(4711)) { try await session.accounts.find(receipt: 4711) }
        #expect(try await database.outcomes(of: "undo") == "")
    }

    /// Eight at once: one is done.
    @Test func manyAtOnceTakeItBackOnce() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        let now = try #require(try await session.accounts.account(id: person.id))
        let outcomes = try await withThrowingTaskGroup(of: ChangeResult.Outcome.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await session.changes.perform(AccountChange(account: now, action: .undo(receipt: receipt)))
                        .outcome
                }
            }
            return try await group.reduce(into: [ChangeResult.Outcome]()) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .done } == 1 && !outcomes.contains(.failed))
    }

    /// An operator's own psql: what the functions keep cannot be read, guessed at or had by another way.
    @Test func nobodyReadsWhatIsKept() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let receipt = try await database.reset(person, .issuePIN, by: session)
        for user in TestDatabase.User.allCases where user != .owner {
            for statement in [
                "SELECT value FROM convonet_admin.replaced_credential",
                "DELETE FROM convonet_admin.replaced_credential",
                "SELECT convonet_admin.is_kept_pin('730592')",
                "SELECT convonet_admin.apply_undo(NULL, '\(receipt)', '{}')",
            ] {
                await #expect(throws: ClusterFailure.self) { try await database.sql(statement, as: user) }
            }
        }
        // A claim of another receipt is none, and a reset is no undo by its claims.
        let now = try #require(try await session.accounts.account(id: person.id))
        let answer = try await database.sql(
            TestDatabase.call(.clearPIN, now, claims: #"{"undoes": \#(receipt), "detail": "undoes=1"}"#), as: .operator)
        #expect(answer == "done")
        #expect(try await database.log().last?.detail?.contains("undoes") != true)
    }
}

extension TestDatabase {
    /// Carries a reset out, and gives the number of its receipt.
    func reset(_ person: Account, _ action: AccountChange.Action, by session: AdminSession) async throws -> Int {
        let result = try await session.perform(action, on: person)
        return try #require(result.receipt, "\(result.rule ?? "")").sequence
    }
}
