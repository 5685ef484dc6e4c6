import AuditVerification
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// Codes that callers read back: what becomes of each, good or bad.
@Suite(.dropsDatabases) struct CallerCodeTests {
    @Test func aCodeThatIsReadBackProvesWhoIsSpeaking() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        #expect(try await session.callers.state(of: person) == CallerState(needed: 0))
        let (key, digits) = try await database.sentCode(to: person, by: session)
        let waiting = try #require(try await session.callers.state(of: person).code)
        #expect(waiting.state == .sent && waiting.address == person.email && waiting.triesLeft == 5)
        let spaced = " \(digits.prefix(3))-\(digits.suffix(3)) "
        let result = try await session.callers.verify(person, code: spaced, key: key)
        #expect(result.isDone && result.message == nil)
        let state = try await session.callers.state(of: person)
        #expect(state.proof?.points == 3 && state.code?.state == .used && state.codesLeft == 2)
        #expect(try await session.perform(.issuePIN, on: person).outcome == .done)
        let log = try await database.log()
        #expect(log.map(\.action) == ["send_caller_code", "verify_caller", "issue_voice_pin"])
        #expect(log[1].detail?.hasSuffix("caller=proven way=mail_code points=3") == true)
        #expect(log[2].detail == "method=issued caller=proven way=mail_code points=3")
        #expect(log[2].callerWords == "proven by mail code, 3 points")
        #expect(log.allSatisfy { $0.accountID == person.id && !($0.detail ?? "").contains(digits) })
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// What the operator saw is where it goes: not to whoever changed the address meanwhile, nor to whose the other one was.
    @Test(arguments: [CallerWay.mail, .text])
    func noCodeGoesToAnotherAddressThanTheOperatorSaw(way: CallerWay) async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(3)
        try await database.sql("UPDATE users_convonet SET email = 'liar@example.org' WHERE id = '\(people[0].idText)'")
        try await database.sql("UPDATE users_convonet SET email = '-' WHERE id = '\(people[1].idText)'")
        try await database.sql(
            "UPDATE users_convonet SET email = '\(people[1].email)' WHERE id = '\(people[2].idText)'")
        try await database.sql(
            "UPDATE users_convonet SET email = '\(people[2].email)' WHERE id = '\(people[1].idText)'")
        for person in people {
            let result = try await session.callers.sendCode(to: person, by: way, key: CallerKey())
            #expect(result.isConflict && result.rule == "account_changed" && !result.isDone)
            #expect(result.message?.hasPrefix("The account changed since you saw it: e-mail") == true)
            #expect(try await session.callers.state(of: person).code == nil)
        }
        let queued = try await database.superuserPool().query("SELECT count(*) FROM convonet_admin.mail_queue")
        #expect(try queued.first?.int(0) == 0)
        let log = try await database.log()
        #expect(log.map(\.outcome) == ["conflict", "conflict", "conflict"])
        #expect(log.allSatisfy { $0.detail == "changed=email" })
        let now = try await session.accounts.find("liar@example.org")
        #expect(try await session.callers.sendCode(to: now, key: CallerKey()).isDone)
    }

    /// To PostgreSQL, and to mail, an accent and a letter with one are two addresses, and the refusal says which they are.
    @Test func anAddressThatOnlyLooksTheSameIsAnother() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let id = try await session.person().idText
        try await database.sql("UPDATE users_convonet SET username = U&'jos\\00E9' WHERE id = '\(id)'")
        let person = try await session.accounts.find(id)
        try await database.sql(
            "UPDATE users_convonet SET username = U&'jose\\0301', email = 'x' || email WHERE id = '\(id)'")
        let result = try await session.callers.sendCode(to: person, key: CallerKey())
        #expect(result.message?.hasPrefix("The account changed since you saw it: e-mail address, username.") == true)
    }

    /// A name that changed, or a sign-in, makes the address no other.
    @Test func aCodeGoesToWhoeverHasTheAddressStill() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        try await database.sql(
            "UPDATE users_convonet SET last_name = 'Neu', last_login_at = now() WHERE id = '\(person.idText)'")
        #expect(try await session.callers.sendCode(to: person, key: CallerKey()).isDone)
        // As programs before version 12 ask for one.
        #expect(try await database.sql(TestDatabase.newCode(person), as: .operator) == "done")
    }

    @Test func aWrongAUsedAForeignAndAMissingCodeProveNothing() async throws {
        let database = try await TestDatabase.quick()
        let (session, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await session.people(2)
        #expect(try await session.callers.verify(people[0], code: "123456", key: CallerKey()).rule == "code_missing")
        let (key, digits) = try await database.sentCode(to: people[0], by: session)
        for text in ["", "12345", "1234567", "１２３４５６", "12345a", "yes"] {
            let result = try await session.callers.verify(people[0], code: text, key: key)
            #expect(result.rule == "code_malformed" && result.receipt == nil)
        }
        let wrong = digits == "123456" ? "654321" : "123456"
        let result = try await session.callers.verify(people[0], code: wrong, key: key)
        #expect(result.rule == "code_wrong" && result.message?.hasSuffix("4 tries left.") == true)
        // Of somebody else, by somebody else, with another key.
        #expect(try await session.callers.verify(people[1], code: digits, key: key).rule == "code_missing")
        #expect(try await other.callers.verify(people[0], code: digits, key: key).rule == "code_missing")
        #expect(try await session.callers.verify(people[0], code: digits, key: CallerKey()).rule == "code_elsewhere")
        #expect(try await session.callers.verify(people[0], code: digits, key: nil).rule == "code_elsewhere")
        #expect(try await session.callers.verify(people[0], code: digits, key: key).isDone)
        #expect(try await session.callers.verify(people[0], code: digits, key: key).rule == "code_used")
        #expect(try await other.callers.state(of: people[0]).proof == nil)
        #expect(try await session.callers.state(of: people[1]).proof == nil)
        #expect(
            try await database.outcomes(of: "verify_caller")
                == "refused code_missing, refused code_wrong, refused code_missing, refused code_missing, done, refused code_used"
        )
        // What is refused says nothing of what was proven.
        let refused = try await database.log().filter { $0.action == "verify_caller" && $0.outcome == "refused" }
        #expect(refused.count == 5 && refused.allSatisfy { !($0.detail ?? "").contains("caller=") }, "\(refused)")
    }

    @Test func aCodeThatIsLateOrForAnotherAddressProvesNothing() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let people = try await session.people(2)
        let (key, digits) = try await database.sentCode(to: people[0], by: session)
        try await database.sql("UPDATE convonet_admin.caller_code SET expires_at = clock_timestamp()")
        #expect(try await session.callers.verify(people[0], code: digits, key: key).rule == "code_expired")
        #expect(try await session.callers.state(of: people[0]).code?.state == .expired)
        let (second, code) = try await database.sentCode(to: people[1], by: session)
        try await database.sql("UPDATE users_convonet SET email = 'new@example.org' WHERE id = '\(people[1].idText)'")
        #expect(try await session.callers.verify(people[1], code: code, key: second).rule == "code_outdated")
        // It stays so where the address comes back.
        try await database.sql(
            "UPDATE users_convonet SET email = '\(people[1].email)' WHERE id = '\(people[1].idText)'")
        #expect(try await session.callers.verify(people[1], code: code, key: second).rule == "code_outdated")
        let state = try await session.callers.state(of: people[1])
        #expect(state.code?.state == .outdated && state.proof == nil)
    }

    /// One whose mail was due while the address was another is not sent any more, nor can it be made.
    @Test(arguments: [true, false]) func aCodeThatIsOutdatedBeforeItIsSentIsNone(byMail: Bool) async throws {
        let database = try await TestDatabase.quick()
        let (session, desk) = (try await database.session(), try database.selfService())
        let person = try await session.person()
        let key = CallerKey()
        #expect(try await session.callers.sendCode(to: person, key: key).isDone)
        func move(to address: String) async throws {
            try await database.sql("UPDATE users_convonet SET email = '\(address)' WHERE id = '\(person.idText)'")
        }
        try await move(to: "new@example.org")
        if byMail {
            #expect(try await desk.nextMail() == nil)
        } else {
            #expect(try await session.callers.verify(person, code: "123456", key: key).rule == "code_outdated")
        }
        try await move(to: person.email)
        #expect(try await desk.nextMail() == nil)
        #expect(try await session.callers.verify(person, code: "123456", key: key).rule == "code_outdated")
    }

    @Test func aCodeIsMadeWhenItsMailIsSentAndAnewForEachTry() async throws {
        let database = try await TestDatabase.quick()
        let (session, desk) = (try await database.session(), try database.selfService())
        let person = try await session.person()
        let key = CallerKey()
        #expect(try await session.callers.sendCode(to: person, key: key).isDone)
        #expect(try await database.sql("SELECT proof_hash IS NULL FROM convonet_admin.caller_code") == "t")
        #expect(try await session.callers.verify(person, code: "123456", key: key).rule == "code_not_sent")
        func take() async throws -> String {
            let mail = try #require(try await desk.nextMail())
            guard case .callerCode(let code, _) = mail.content else { return "" }
            return code.digits
        }
        let first = try await take()
        try await database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now()")
        let second = try await take()
        if first != second {
            #expect(try await session.callers.verify(person, code: first, key: key).rule == "code_wrong")
        }
        #expect(try await session.callers.verify(person, code: second, key: key).isDone)
        // Nobody sends one that was read back.
        try await database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now(), state = 'waiting'")
        #expect(try await desk.nextMail() == nil)
    }

    @Test func aMailThatIsNotSentInTimeIsSaidToBeSo() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        #expect(try await session.callers.sendCode(to: person, key: CallerKey()).isDone)
        try await database.sql("UPDATE convonet_admin.mail_queue SET give_up_at = clock_timestamp()")
        #expect(try await session.callers.state(of: person).code?.state == .undelivered)
        #expect(try await database.selfService().nextMail() == nil)
        #expect(try await session.callers.state(of: person).code?.state == .undelivered)
    }

    @Test func ofOneOperatorTheLastCodeCountsAndOfTwoEachTheirOwn() async throws {
        let database = try await TestDatabase.quick()
        let (session, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await session.people(2)
        let (first, firstCode) = try await database.sentCode(to: people[0], by: session)
        let (foreign, foreignCode) = try await database.sentCode(to: people[0], by: other)
        let (second, secondCode) = try await database.sentCode(to: people[1], by: session)
        #expect(try await session.callers.verify(people[0], code: firstCode, key: first).rule == "code_replaced")
        #expect(try await session.callers.verify(people[1], code: secondCode, key: second).isDone)
        #expect(try await other.callers.verify(people[0], code: foreignCode, key: foreign).isDone)
        #expect(try await session.callers.state(of: people[0]).proof == nil)
        // One that was asked for before another is not even sent.
        #expect(try await session.callers.sendCode(to: people[1], key: CallerKey()).isDone)
        #expect(try await session.callers.sendCode(to: people[1], key: CallerKey()).isDone)
        #expect(!(try await database.mailedCode()).isEmpty)
        #expect(try await database.selfService().nextMail() == nil)
    }

    @Test func threeCodesAnAccountAndHourAreSentWhoeverAsks() async throws {
        let database = try await TestDatabase.quick()
        let (session, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await session.people(2)
        // What is undone was not sent.
        try await database.sql("BEGIN; \(TestDatabase.newCode(people[0])) ROLLBACK;", as: .operator)
        #expect(try await session.callers.state(of: people[0]).codesLeft == 3)
        let rules = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let session = number % 2 == 0 ? session : other
                    return try await session.callers.sendCode(to: people[0], key: CallerKey()).rule
                }
            }
            return try await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(rules.filter { $0 == nil }.count == 3 && rules.filter { $0 == "code_limit" }.count == 5)
        #expect(try await session.callers.sendCode(to: people[1], key: CallerKey()).isDone)
        try await database.sql("UPDATE convonet_admin.caller_code SET created_at = created_at - interval '61 minutes'")
        #expect(try await session.callers.sendCode(to: people[0], key: CallerKey()).isDone)
    }

    @Test func theSameRequestIsCarriedOutOnce() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let (key, request) = (CallerKey(), UUID())
        for isReplayed in [false, true] {
            let sent = try await session.callers.sendCode(to: person, key: key, request: request)
            #expect(sent.isDone && sent.receipt?.isReplayed == isReplayed)
        }
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "1")
        let (digits, second) = (try await database.mailedCode(), UUID())
        for isReplayed in [false, true] {
            let result = try await session.callers.verify(person, code: digits, key: key, request: second)
            #expect(result.isDone && result.receipt?.isReplayed == isReplayed)
        }
        #expect(
            try await session.callers.verify(person, code: digits, key: key, request: request).rule
                == "request_id_reused")
        #expect(try await database.log().count == 3)
    }

    /// A request is about one code: used again for a newer one it is not answered for the older.
    @Test func anEarlierRequestDoesNotAnswerForANewerCode() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let request = UUID()
        let (first, digits) = try await database.sentCode(to: person, by: session)
        #expect(try await session.callers.verify(person, code: digits, key: first, request: request).isDone)
        let (second, newer) = try await database.sentCode(to: person, by: session)
        #expect(
            try await session.callers.verify(person, code: newer, key: second, request: request).rule
                == "request_id_reused")
        #expect(try await session.callers.verify(person, code: newer, key: second).isDone)
    }

    @Test func programsThatKnowNoCodesAreGivenNone() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        #expect(try await session.callers.sendCode(to: try await session.person(), key: CallerKey()).isDone)
        let old = "SELECT count(*) FROM convonet_admin.self_take_mail(sha256('x'), '{}')"
        #expect(try await database.sql(old, as: .selfService) == "0")
        #expect(!(try await database.mailedCode()).isEmpty)
    }

    @Test func inactiveAndExternalPeopleCanProveWhoTheyAreToo() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("verification_points = 3")
        let session = try await database.session()
        for person in [
            try await session.person { !$0.isActive },
            try await session.person { $0.signIn == .external && $0.isActive },
        ] {
            try await database.prove(person, to: session)
            let action: AccountChange.Action = person.isActive ? .issuePIN : .setActive(true)
            #expect(try await session.perform(action, on: person).outcome == .done)
        }
    }
}
