import AuditVerification
import ConvonetCore
import Credentials
import FoundationEssentials
import OperatingSystem
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// A password that staff gave somebody, and that works for a time.
@Suite(.dropsDatabases) struct TemporaryPasswordTests {
    @Test func itWorksUntilItsTimeIsOverAndThenALinkGoesOut() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        try await database.haveMailSent()
        let result = try await desk.perform(.generatePassword, on: person)
        let (password, receipt) = (try #require(result.newSecret), try #require(result.receipt))
        #expect((3598...3600).contains(try #require(receipt.temporaryUntil).seconds(since: receipt.occurredAt)))
        #expect(try await database.minutesLeft(of: person) == 60)
        let state = try await desk.accounts.temporaryPassword(of: person)
        #expect(state?.until == receipt.temporaryUntil && state?.expiredAt == nil)
        #expect(try await desk.accounts.dossier(of: person.id).temporaryPassword.get() == state)

        try await database.pass(minutes: 59)
        try await service.tidy()
        #expect(try await database.applicationAccepts(password, of: person))
        try await database.pass(minutes: 1)
        try await service.tidy()
        #expect(try await !database.applicationAccepts(password, of: person))
        #expect(try await database.minutesLeft(of: person) == nil)
        #expect(try await desk.accounts.temporaryPassword(of: person)?.expiredAt != nil)
        #expect(try await desk.accounts.account(id: person.id)?.signIn == .password)
        #expect(
            try await database.sql(
                """
                SELECT concat_ws(' ', actor_kind, action, outcome, db_user, regexp_replace(detail, '[0-9a-f-]{36}', 'ID'))
                FROM convonet_admin.audit_event ORDER BY sequence DESC LIMIT 1
                """) == "schedule expire_password done test_selfservice link=ID")
        let entry = try await desk.accounts.dossier(of: person.id).history.get().first
        #expect(entry?.action == "expire_password" && entry?.actor.words == "schedule")
        #expect(
            try await database.sql(
                """
                SELECT e.action FROM convonet_admin.tokens_not_before t JOIN convonet_admin.audit_event e
                ON (e.account_id, e.occurred_at + interval '2 seconds') = (t.account_id, t.not_before)
                """) == "expire_password")

        let mail = try #require(try await service.nextMail())
        guard case .linkAfterExpiry = mail.content else {
            Issue.record("\(mail.content)")
            return
        }
        #expect(mail.address == person.email)
        #expect(try await desk.changes.resetLinks(of: person).map(\.origin) == [.schedule])
        let own = Secret.text("walrus-canyon-41-teapot")
        let set = try await service.resetPassword(
            by: mail.token, to: try newHash(), from: "192.0.2.1", request: UUID())
        #expect(set?.receipt.outcome == .done)
        #expect(try await database.applicationAccepts(own, of: person))
        #expect(try await desk.accounts.temporaryPassword(of: person) == nil)
        try await database.pass(minutes: 600)
        try await service.tidy()
        #expect(try await database.applicationAccepts(own, of: person))
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func typedOnesAreAndOthersAreNot() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let people = try await desk.people(3)
        let typed = AccountChange.Action.setPassword(.text("walrus-canyon-41-teapot"), allowWeak: false)
        #expect(try await desk.perform(typed, on: people[0]).receipt?.temporaryUntil != nil)
        #expect(try await desk.perform(.issuePIN, on: people[1]).receipt?.temporaryUntil == nil)
        try await database.setPolicy("temporary_password_hours = 0")
        let plain = try await desk.perform(.generatePassword, on: people[2])
        #expect(plain.outcome == .done && plain.receipt?.temporaryUntil == nil)
        #expect(try await database.temporaryRows() == "false")
        // What was promised stays.
        #expect(try await database.minutesLeft(of: people[0]) == 60)
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await database.outcomes(of: "expire_password") == "done")
        #expect(try await !database.applicationAccepts(.text("walrus-canyon-41-teapot"), of: people[0]))
    }

    @Test func itIsSaidBeforehand() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        let tried = try await desk.changes.rehearse(AccountChange(account: person, action: .generatePassword))
        #expect(tried.outcome == .wouldDo && tried.message?.contains("works for 1 hour unless") == true)
        let pin = try await desk.changes.rehearse(AccountChange(account: person, action: .issuePIN))
        #expect(pin.outcome == .wouldDo && pin.message == nil)
        #expect(try await database.temporaryRows() == "")
    }

    /// The same request gives the same end.
    @Test func aRepeatedRequestSaysTheSame() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let change = AccountChange(account: try await desk.person(), action: .generatePassword, requestID: UUID())
        let first = try await desk.changes.perform(change)
        try await database.setPolicy("temporary_password_hours = 5")
        let again = try await desk.changes.perform(change)
        #expect(again.receipt?.isReplayed == true && again.receipt?.temporaryUntil == first.receipt?.temporaryUntil)
    }

    /// Whatever takes its place in time ends it.
    @Test(arguments: ["link", "code", "old password", "application", "staff", "external"])
    func whatTakesItsPlaceEndsIt(way: String) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let password = try await desk.newPassword(for: person)
        let hash = try newHash()
        switch way {
        case "link", "code":
            let token: ResetToken
            if way == "link" {
                token = try await database.link(to: person.email, service).token
            } else {
                token = ResetToken()
                let code = try await database.issuedCode(to: person, by: desk)
                #expect(try await service.enter(code, person.email, token: token)?.receipt.outcome == .done)
            }
            let set = try await service.resetPassword(by: token, to: hash, from: "192.0.2.1", request: UUID())
            #expect(set?.receipt.outcome == .done)
        case "old password":
            let setting = try #require(try await service.signedInPerson(person.id)?.setting)
            let proof = try #require(BcryptHasher.proof(of: password, under: setting))
            let changed = try await service.changePassword(
                of: person.id, proof: proof, to: hash, from: "192.0.2.1", request: UUID())
            #expect(changed?.receipt.outcome == .done)
        case "application":
            try await database.sql(
                "UPDATE users_convonet SET password_hash = '\(hash.text)' WHERE id = '\(person.idText)'")
        case "staff":
            try await database.setPolicy("temporary_password_hours = 0")
            _ = try await desk.newPassword(for: person)
        default:
            try await database.sql(
                "UPDATE users_convonet SET password_hash = 'OAUTH_GOOGLE' WHERE id = '\(person.idText)'")
        }
        let after = try await database.stored("password_hash", of: person)
        #expect(try await database.minutesLeft(of: person) == nil)
        #expect(try await desk.accounts.temporaryPassword(of: person) == nil)
        try await database.pass(minutes: 61)
        try await service.tidy()
        #expect(try await database.stored("password_hash", of: person) == after)
        #expect(
            try await database.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE action = 'expire_password'")
                == "0")
        #expect(try await database.temporaryRows() == "")
    }

    /// What comes back is as it was: temporary until its own time, also where that has passed meanwhile.
    @Test(arguments: [false, true]) func anUndoBringsItBackAsItWas(isOver: Bool) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        let first = try await desk.newPassword(for: person)
        try await database.pass(minutes: 50)
        let slip = try await database.reset(person, .generatePassword, by: desk)
        #expect(try await database.minutesLeft(of: person) == 60)
        if isOver {
            try await database.pass(minutes: 12)
            try await database.tidy()
            #expect(try await database.outcomes(of: "expire_password") == "")
        }
        #expect(try await desk.perform(.undo(receipt: slip), on: person).outcome == .done)
        #expect(try await database.minutesLeft(of: person) == (isOver ? -2 : 10))
        #expect(try await database.applicationAccepts(first, of: person))
        if !isOver { try await database.pass(minutes: 15) }
        try await database.tidy()
        #expect(try await !database.applicationAccepts(first, of: person))
        #expect(try await database.outcomes(of: "expire_password") == "done")
    }

    /// The one from before a temporary password is nobody's to end.
    @Test func whatTheUndoOfItBringsBackIsNotTemporary() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        let before = try await database.stored("password_hash", of: person)
        let receipt = try await database.reset(person, .generatePassword, by: desk)
        #expect(try await desk.perform(.undo(receipt: receipt), on: person).outcome == .done)
        #expect(try await database.minutesLeft(of: person) == nil)
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await database.stored("password_hash", of: person) == before)
        #expect(try await database.temporaryRows() == "")
    }

    /// Links and codes that the person has when it runs out let them in.
    @Test func whatThePersonHasInHandStaysGood() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let (desk, service) = (try await database.session(), try database.selfService())
        let people = try await desk.people(2)
        for person in people { _ = try await desk.newPassword(for: person) }
        let link = try await database.link(to: people[0].email, service).token
        let code = try await database.issuedCode(to: people[1], by: desk)
        try await database.pass(minutes: 61)
        try await database.tidy()
        let token = ResetToken()
        #expect(try await service.enter(code, people[1].email, token: token)?.receipt.outcome == .done)
        for token in [link, token] {
            let set = try await service.resetPassword(by: token, to: try newHash(), from: "192.0.2.1", request: UUID())
            #expect(set?.receipt.outcome == .done)
        }
    }

    /// It says why no link goes out.
    @Test(arguments: [("no_mail", true), ("inactive", false)])
    func whereNoLinkHelpsTheEventSaysSo(reason: String, isActive: Bool) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let desk = try await database.session()
        let person = try await desk.person()
        if !isActive { try await database.haveMailSent() }
        let password = try await desk.newPassword(for: person)
        if !isActive { #expect(try await desk.perform(.setActive(false), on: person).outcome == .done) }
        try await database.pass(minutes: 61)
        try await database.tidy()
        #expect(try await !database.applicationAccepts(password, of: person))
        #expect(
            try await database.sql("SELECT detail FROM convonet_admin.audit_event WHERE action = 'expire_password'")
                == "no_link=\(reason)")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.reset_token") == "0")
    }

    /// Of a change people are told where the policy wants that, and of this one until when.
    @Test func theNoticeSaysUntilWhen() async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        try await database.setPolicy("notify_changes = true")
        let (desk, service) = (try await database.session(), try database.selfService())
        let result = try await desk.perform(.generatePassword, on: try await desk.person())
        let mail = try #require(try await service.nextMail())
        #expect(mail.content == .notice(action: "reset_password", byThemselves: false))
        #expect(mail.temporaryUntil != nil && mail.temporaryUntil == result.receipt?.temporaryUntil)
        try await service.end(mail, as: .sent)
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        #expect(try await service.nextMail()?.temporaryUntil == nil)
    }
}
