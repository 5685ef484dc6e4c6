import AuditVerification
import ConvonetCore
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// A code that is read out, and by which the person sets a password.
@Suite(.dropsDatabases) struct ResetCodeTests {
    @Test func aCodeSetsThePasswordOnce() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let before = try await database.stored("password_hash", of: person)
        let code = try await database.issuedCode(to: person, by: desk)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.issued])
        #expect(try await desk.changes.resetLinks(of: person).isEmpty)
        #expect(try await database.stored("password_hash", of: person) == before)

        let token = ResetToken()
        #expect(try await service.enter(code, person.email, token: token)?.receipt.outcome == .done)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.entered])
        #expect(try await service.holder(of: token)?.person.id == person.id)
        let hash = try newHash()
        let set = try await service.resetPassword(by: token, to: hash, from: "192.0.2.1", request: UUID())
        #expect(set?.receipt.outcome == .done)
        #expect(try await database.stored("password_hash", of: person) == hash.text)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.used])
        #expect(try await service.enter(code, person.email)?.rule == "link_used")
        #expect(
            try await database.sql(
                """
                SELECT string_agg(concat_ws(' ', actor_kind, action, outcome, rule), ', ' ORDER BY sequence)
                FROM convonet_admin.audit_event
                """)
                == "operator issue_reset_code done, self enter_reset_code done, self reset_password done, "
                + "self enter_reset_code refused link_used")
        #expect(
            try await database.sql(
                "SELECT count(DISTINCT substring(detail FROM 'link=([^ ]*)')) FROM convonet_admin.audit_event")
                == "1")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// By username, and an address in any case; whoever loses the page enters it again, and the first page is no good any more.
    @Test func itCanBeEnteredAgainUntilThePasswordIsSet() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        let tokens = [ResetToken(), ResetToken()]
        #expect(try await service.enter(code, person.email.uppercased(), token: tokens[0])?.receipt.outcome == .done)
        #expect(try await service.enter(code, person.username, token: tokens[1])?.receipt.outcome == .done)
        #expect(try await service.holder(of: tokens[0]) == nil)
        #expect(try await service.holder(of: tokens[1])?.person.id == person.id)
    }

    @Test func theSameRequestIsCarriedOutOnce() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let change = AccountChange(account: person, action: .issueResetCode, requestID: UUID())
        let code = try #require(try await desk.changes.perform(change).newSecret)
        let again = try await desk.changes.perform(change)
        #expect(again.outcome == .done && again.newSecret == nil && again.message?.contains("code again") == true)
        let (token, request) = (ResetToken(), UUID())
        let first = try await service.enter(code, person.email, token: token, request: request)
        let second = try await service.enter(code, person.email, token: token, request: request)
        #expect(first?.receipt.sequence == second?.receipt.sequence && second?.receipt.isReplayed == true)
        #expect(try await database.outcomes(of: "enter_reset_code") == "done")
    }

    @Test func anotherCodeTakesThePlaceOfTheFirst() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let first = try await database.issuedCode(to: person, by: desk)
        let second = try await database.issuedCode(to: person, by: desk)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.issued, .replaced])
        #expect(try await service.enter(first, person.email)?.rule == "reset_code_wrong")
        #expect(try await service.enter(second, person.email)?.receipt.outcome == .done)
    }

    /// Each ends the code, whether it was entered before or not.
    @Test(arguments: [
        (
            "UPDATE convonet_admin.reset_token SET expires_at = clock_timestamp()", "link_expired",
            IssuedCode.State.expired
        ),
        ("UPDATE users_convonet SET email = 'new@example.org' WHERE id = '%'", "link_outdated", .outdated),
        ("UPDATE users_convonet SET username = 'somebody-new' WHERE id = '%'", "link_outdated", .outdated),
        ("UPDATE users_convonet SET password_hash = 'X' WHERE id = '%'", "link_outdated", .outdated),
        ("UPDATE users_convonet SET is_active = false WHERE id = '%'", "account_inactive", .issued),
    ])
    func whatHappensMeanwhileEndsIt(statement: String, rule: String, state: IssuedCode.State) async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        try await database.sql(statement.replacing("%", with: person.idText))
        #expect(try await service.enter(code, person.email)?.rule == rule)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [state])
    }

    @Test func staffTakeItBack() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        let token = ResetToken()
        #expect(try await service.enter(code, person.email, token: token)?.receipt.outcome == .done)
        #expect(try await desk.perform(.revokeResetLinks, on: person).outcome == .done)
        #expect(try await service.holder(of: token) == nil)
        #expect(try await service.enter(code, person.email)?.rule == "link_void")
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.revoked])
        #expect(try await desk.perform(.revokeResetLinks, on: person).rule == "no_reset_link")
    }

    @Test func whomItIsOfNoUseToIsRefused() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(2)
        try await database.sql("UPDATE users_convonet SET is_active = false WHERE id = '\(people[0].idText)'")
        try await database.sql(
            "UPDATE users_convonet SET password_hash = 'OAUTH_GOOGLE' WHERE id = '\(people[1].idText)'")
        #expect(try await desk.perform(.issueResetCode, on: people[0]).rule == "link_to_inactive")
        #expect(try await desk.perform(.issueResetCode, on: people[1]).rule == "external_sign_in")
        var context = ChangeContext()
        context.wantsLocalPassword = true
        #expect(try await desk.perform(.issueResetCode, on: people[1], context: context).outcome == .done)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.reset_token") == "1")
    }

    /// Where only links are allowed a code is, too: nobody but the person learns the password.
    @Test func itStandsBesideLinks() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("links_only = true")
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await desk.perform(.generatePassword, on: person).rule == "links_only")
        let issued = try await desk.perform(.issueResetCode, on: person)
        #expect(issued.outcome == .done && issued.message?.contains("for 15 minutes") == true)
        #expect(issued.message?.contains("convonet-self-service has never run") == true)
    }

    @Test func thePersonIsTold() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("notify_changes = true")
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        _ = try await database.issuedCode(to: person, by: desk)
        let mail = try await service.nextMail()
        #expect(mail?.content == .notice(action: "issue_reset_code", byThemselves: false))
    }

    @Test func afterFiveWrongTriesFromOnePlaceItIsClosedThereAndNowhereElse() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        for _ in 0..<5 { #expect(try await service.enter(wrongCode, person.email)?.rule == "reset_code_wrong") }
        #expect(try await service.enter(code, person.email)?.rule == "reset_code_tries")
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.issued])
        #expect(try await service.enter(code, person.email, from: "198.51.100.7")?.receipt.outcome == .done)
        // Whoever knows it has all tries again.
        for _ in 0..<5 { #expect(try await service.enter(wrongCode, person.email)?.rule == "reset_code_wrong") }
    }

    @Test func afterFiftyInAllItIsClosedForEverybody() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        for place in 0..<10 {
            for _ in 0..<5 {
                let rule = try await service.enter(wrongCode, person.email, from: "192.0.2.\(place)")?.rule
                #expect(rule == "reset_code_wrong")
            }
        }
        #expect(try await service.enter(code, person.email, from: "198.51.100.7")?.rule == "reset_code_tries")
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.exhausted])
        // Another begins anew.
        let second = try await database.issuedCode(to: person, by: desk)
        #expect(try await service.enter(second, person.email, from: "198.51.100.7")?.receipt.outcome == .done)
    }
}
