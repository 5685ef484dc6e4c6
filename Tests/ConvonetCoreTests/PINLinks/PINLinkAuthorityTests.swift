import ConvonetCore
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

/// Links to voice PINs, called with psql by whoever may and may not.
@Suite(.dropsDatabases) struct PINLinkAuthorityTests {
    private func scene() async throws -> (TestDatabase, SelfServiceDatabase, AdminSession, Account) {
        let database = try await TestDatabase.quick()
        let staff = try await database.session()
        return (database, try database.selfService(), staff, try await staff.person())
    }

    /// The call for a token, as psql sends it.
    private func call(_ token: ResetToken) -> String {
        let hash = token.hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return
            "SELECT coalesce(voice_pin, 'none') FROM convonet_admin.self_issue_pin('\\x\(hash)', gen_random_uuid(), '{}')"
    }

    @Test func nobodyButTheProgramOpensOrReadsOne() async throws {
        let (database, desk, staff, person) = try await scene()
        #expect(try await staff.perform(.sendPINLink, on: person).outcome == .done)
        let mail = try #require(try await desk.nextMail())
        for user in [TestDatabase.User.operator, .supervisor, .auditor, .viewer, .stranger] {
            for statement in [
                call(mail.token), "SELECT convonet_admin.self_pin_link_is_good(sha256('a'))",
                "SELECT token_hash FROM convonet_admin.reset_token",
                "SELECT report_hash FROM convonet_admin.mail_queue",
                "SELECT convonet_admin.self_take_mail(sha256('a'), '{\"sends_pin_links\": true}')",
                "SELECT convonet_admin.draw_pin(6)", "SELECT last_value FROM convonet_admin.link_pin_answers_0",
            ] {
                let words = await database.refusal(of: statement, as: user)
                #expect(words?.contains("permission denied") == true, "\(user): \(statement)")
            }
            if user != .operator {
                let words = await database.refusal(of: TestDatabase.call(.sendPINLink, person), as: user)
                #expect(words?.contains("permission denied") == true, "\(user)")
            }
        }
        let hash = mail.token.hash.map { String($0, radix: 16) }.joined()
        let seen = try await database.sql(
            "SELECT l FROM convonet_admin.reset_links('\(person.idText)') AS l", as: .operator)
        #expect(seen.contains("voice_pin") && !seen.contains(hash.prefix(12)) && !seen.contains("\\x"))
        #expect(try await database.outcomes(of: "issue_voice_pin").isEmpty)
    }

    /// A link that was opened in vain is as good as before, and what was drawn is counted all the same.
    @Test(arguments: [
        ("BEGIN;", "ROLLBACK"), ("BEGIN; SAVEPOINT one;", "ROLLBACK TO one; COMMIT"),
    ])
    func whatIsRolledBackWasNotShown(begin: String, end: String) async throws {
        let (database, desk, staff, person) = try await scene()
        let before = try await database.stored("voice_pin", of: person)
        #expect(try await staff.perform(.sendPINLink, on: person).outcome == .done)
        let token = try #require(try await desk.nextMail()).token
        try await database.sql("\(begin) \(call(token)); \(end)", as: .selfService)
        #expect(try await database.stored("voice_pin", of: person) == before)
        #expect(try await desk.isPINLinkGood(token))
        #expect(
            try await database.sql("SELECT last_value & 1048575 FROM convonet_admin.link_pin_answers_0") == "1")
        let pin = try await database.sql(call(token), as: .selfService)
        #expect(try await database.stored("voice_pin", of: person) == pin)
    }

    /// Its own count: it touches no operator's, nor does theirs end it.
    @Test func whoOpensLinksUsesUpNoOperatorsAnswers() async throws {
        let (database, desk, staff, person) = try await scene()
        try await database.setPolicy("pin_answers_per_hour = 1")
        #expect(try await staff.perform(.issuePIN, on: person).outcome == .done)
        let other = try await staff.people(2)[1]
        #expect(try await staff.perform(.issuePIN, on: other).rule == "pin_answer_limit")
        #expect(try await staff.perform(.sendPINLink, on: other).outcome == .done)
        let token = try #require(try await desk.nextMail()).token
        for _ in 0..<9 { try await database.sql("BEGIN; \(call(token)); ROLLBACK", as: .selfService) }
        #expect(try await desk.issuePIN(by: token, from: "192.0.2.1", request: UUID())?.receipt.outcome == .done)
        #expect(try await staff.perform(.sendPINLink, on: person).outcome == .done)
        let last = try #require(try await desk.nextMail()).token
        #expect(try await desk.issuePIN(by: last, from: "192.0.2.1", request: UUID())?.rule == "pin_answer_limit")
        #expect(try await desk.isPINLinkGood(last))
    }

    /// A program of before would lead it to the page for passwords.
    @Test func onlyProgramsThatKnowThePageAreGivenTheMail() async throws {
        let (database, desk, staff, person) = try await scene()
        #expect(try await staff.perform(.sendPINLink, on: person).outcome == .done)
        let take = "SELECT count(id) FROM convonet_admin.self_take_mail(sha256('a'), '{\"sends_codes\": true}')"
        #expect(try await database.sql(take, as: .selfService) == "0")
        #expect(try await desk.nextMail() != nil)
    }
}
