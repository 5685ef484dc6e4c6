import AuditVerification
import ConvonetCore
import Credentials
import FoundationEssentials
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// A link by which the person gets a voice PIN that nobody else sees.
@Suite(.dropsDatabases) struct PINLinkTests {
    private struct Scene {
        let database: TestDatabase
        let (desk, staff): (SelfServiceDatabase, AdminSession)
        let person: Account

        init(maximum: Int = 3) async throws {
            database = try await TestDatabase.quick()
            (desk, staff) = (try database.selfService(maximum: maximum), try await database.session())
            person = try await staff.person()
        }

        /// Sends a link and takes its mail.
        func link(to account: Account? = nil) async throws -> QueuedMail {
            let account = account ?? person
            #expect(try await staff.perform(.sendPINLink, on: account).outcome == .done)
            let mail = try #require(try await desk.nextMail())
            if case .pinLink = mail.content {} else { Issue.record("another mail") }
            try await desk.end(mail, as: .sent)
            return mail
        }

        func show(_ token: ResetToken, request: UUID = UUID()) async throws -> SelfServiceResult? {
            try await desk.issuePIN(by: token, from: "192.0.2.7", request: request)
        }

        func links() async throws -> [ResetLink.State] {
            try await staff.changes.resetLinks(of: person).map(\.state)
        }
    }

    @Test func aLinkShowsAPINOnce() async throws {
        let scene = try await Scene()
        let before = try await scene.database.stored("voice_pin", of: scene.person)
        let mail = try await scene.link()
        #expect(mail.address == scene.person.email)
        // To look does nothing, however often.
        for _ in 0..<3 { #expect(try await scene.desk.isPINLinkGood(mail.token)) }
        #expect(try await scene.database.stored("voice_pin", of: scene.person) == before)
        #expect(try await scene.links() == [.sent])
        #expect(try await scene.staff.changes.resetLinks(of: scene.person).map(\.purpose) == [.voicePIN])

        let shown = try #require(try await scene.show(mail.token))
        #expect(shown.receipt.outcome == .done)
        let pin = try #require(shown.voicePIN).revealedText()
        #expect(try await scene.database.stored("voice_pin", of: scene.person) == pin && pin != before)
        #expect(try await !scene.desk.isPINLinkGood(mail.token))
        let again = try await scene.show(mail.token)
        #expect(again?.rule == "link_used" && again?.voicePIN == nil)
        #expect(try await scene.database.stored("voice_pin", of: scene.person) == pin)
        #expect(try await scene.links() == [.used])
        #expect(try await scene.database.outcomes(of: "issue_voice_pin") == "done, refused link_used")
        #expect(
            try await scene.database.sql(
                """
                SELECT string_agg(concat_ws(' ', actor_kind, client_address, detail LIKE 'link=%'), ', ' ORDER BY sequence)
                FROM convonet_admin.audit_event
                """) == "operator t, self 192.0.2.7 t, self 192.0.2.7 t")
        #expect(try await scene.database.session(.auditor).audit.verify().problem == nil)
        // Nothing is kept by which staff could take it back.
        #expect(
            try await scene.database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
    }

    @Test(arguments: ["revoked", "reset since", "expired", "inactive", "deactivated", "moved", "frozen", "reported"])
    func whatMakesItVoid(how: String) async throws {
        let scene = try await Scene()
        let mail = try await scene.link()
        let rule: String
        switch how {
        case "revoked":
            #expect(try await scene.staff.perform(.revokeResetLinks, on: scene.person).outcome == .done)
            rule = "link_void"
        case "reset since":
            #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
            rule = "link_outdated"
        case "expired":
            try await scene.database.sql("UPDATE convonet_admin.reset_token SET expires_at = now()")
            rule = "link_expired"
        case "deactivated":
            #expect(try await scene.staff.perform(.setActive(false), on: scene.person).outcome == .done)
            rule = "account_inactive"
        case "moved":
            try await scene.database.sql(
                "UPDATE users_convonet SET email = 'moved@example.net' WHERE id = '\(scene.person.idText)'")
            rule = "link_outdated"
        case "frozen":
            let supervisor = try await scene.database.session(.supervisor)
            let note = ChangeContext(reason: "call security")
            #expect(try await supervisor.perform(.setFrozen(true), on: scene.person, context: note).outcome == .done)
            rule = "link_void"
        case "reported":
            #expect(
                try await scene.desk.report(mail.token, from: "192.0.2.7", request: UUID())?.receipt.outcome == .done)
            rule = "link_void"
        default:
            try await scene.database.sql("UPDATE users_convonet SET is_active = false")
            rule = "account_inactive"
        }
        let before = try await scene.database.stored("voice_pin", of: scene.person)
        #expect(try await !scene.desk.isPINLinkGood(mail.token))
        let result = try await scene.show(mail.token)
        #expect(result?.rule == rule && result?.voicePIN == nil)
        #expect(try await scene.database.stored("voice_pin", of: scene.person) == before)
    }

    /// What the application did before the link was sent, and the log has later, is not since; what it does afterwards is at once.
    @Test func whatTheApplicationDoesCountsByItsOwnTime() async throws {
        let scene = try await Scene()
        _ = try await Migrator(try scene.database.pool()).migrate(MigrationRequest(watchesDirectChanges: true))
        let change = "UPDATE users_convonet SET voice_pin = NULL WHERE id = '\(scene.person.idText)'"
        try await scene.database.sql(
            "UPDATE users_convonet SET voice_pin = '83051' WHERE id = '\(scene.person.idText)'", as: .owner)
        let mail = try await scene.link()
        #expect(try await scene.desk.isPINLinkGood(mail.token))
        try await scene.database.sql(change, as: .owner)
        #expect(try await !scene.desk.isPINLinkGood(mail.token))
        #expect(try await scene.show(mail.token)?.rule == "link_outdated")
    }

    /// A password that is taken back is no other PIN either.
    @Test func theUndoOfAPasswordEndsNoPINLink() async throws {
        let scene = try await Scene()
        let slip = try await scene.database.reset(scene.person, .generatePassword, by: scene.staff)
        let mail = try await scene.link()
        #expect(try await scene.staff.perform(.undo(receipt: slip), on: scene.person).outcome == .done)
        #expect(try await scene.desk.isPINLinkGood(mail.token))
    }

    /// Another password is no other PIN: who got both links uses both.
    @Test func aLinkOfOnePurposeNeverServesTheOther() async throws {
        let scene = try await Scene()
        let pin = try await scene.link()
        let password = try await scene.database.link(to: scene.person.email, scene.desk)
        #expect(try await scene.desk.holder(of: pin.token) == nil)
        #expect(
            try await scene.desk.resetPassword(by: pin.token, to: try newHash(), from: "192.0.2.1", request: UUID())
                == nil)
        #expect(try await !scene.desk.isPINLinkGood(password.token))
        #expect(try await scene.show(password.token) == nil)
        #expect(try await scene.show(ResetToken()) == nil)
        let code = try #require(try await scene.staff.perform(.issueResetCode, on: scene.person).newSecret)
        let entered = ResetToken()
        #expect(try await scene.desk.enter(code, scene.person.email, token: entered)?.receipt.outcome == .done)
        #expect(try await scene.show(entered) == nil)
        #expect(try await scene.database.outcomes(of: "issue_voice_pin").isEmpty)
        #expect(
            try await scene.desk.resetPassword(
                by: password.token, to: try newHash(), from: "192.0.2.1", request: UUID())?
                .receipt.outcome == .done)
        #expect(try await scene.show(pin.token)?.receipt.outcome == .done)
    }

    @Test func theSameRequestGivesNoSecondPIN() async throws {
        let scene = try await Scene()
        let (mail, request) = (try await scene.link(), UUID())
        let first = try await scene.show(mail.token, request: request)
        let again = try await scene.show(mail.token, request: request)
        #expect(again?.receipt.sequence == first?.receipt.sequence && again?.receipt.isReplayed == true)
        #expect(first?.voicePIN != nil && again?.voicePIN == nil)
        // Of somebody else's link it is refused.
        let other = try await scene.staff.people(2)[1]
        let foreign = try await scene.link(to: other)
        #expect(try await scene.show(foreign.token, request: request)?.rule == "request_id_reused")
    }

    @Test func eightAtOnceAndOneSeesIt() async throws {
        let scene = try await Scene(maximum: 8)
        let token = try await scene.link().token
        let results = try await withThrowingTaskGroup(of: SelfServiceResult?.self) { group in
            for _ in 0..<8 { group.addTask { try await scene.show(token) } }
            return try await group.reduce(into: [SelfServiceResult?]()) { $0.append($1) }
        }
        #expect(results.compactMap { $0?.voicePIN }.count == 1)
        #expect(results.filter { $0?.rule == "link_used" }.count == 7)
    }

    @Test func staffSendItToWhomItIsOfUse() async throws {
        let scene = try await Scene()
        let external = try await scene.staff.person { $0.signIn == .external && $0.isActive }
        let mail = try await scene.link(to: external)
        #expect(try await scene.show(mail.token)?.receipt.outcome == .done)
        let inactive = try await scene.staff.person { !$0.isActive }
        #expect(try await scene.staff.perform(.sendPINLink, on: inactive).rule == "link_to_inactive")
        // Links of both kinds are counted together.
        for number in 0..<10 {
            let action = number % 2 == 0 ? AccountChange.Action.sendPINLink : .sendResetLink
            #expect(try await scene.staff.perform(action, on: scene.person).outcome == .done)
        }
        #expect(try await scene.staff.perform(.sendPINLink, on: scene.person).rule == "links_sent")
    }

    @Test func thePolicyCanMakeThemTheOnlyWay() async throws {
        let scene = try await Scene()
        try await scene.database.setPolicy("pins_by_link_only = true")
        for action in [AccountChange.Action.issuePIN, .setPIN(.text("834512"))] {
            #expect(
                try await scene.staff.changes.rehearse(AccountChange(account: scene.person, action: action)).rule
                    == "pins_by_link_only")
            let result = try await scene.staff.perform(action, on: scene.person)
            #expect(result.rule == "pins_by_link_only" && result.message?.contains("Send a PIN link.") == true)
            // By no other program, either.
            #expect(
                try await scene.database.sql(TestDatabase.call(action, scene.person), as: .operator)
                    == "refused:pins_by_link_only")
        }
        #expect(try await scene.staff.perform(.clearPIN, on: scene.person).outcome == .done)
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let now = try #require(try await scene.staff.accounts.account(id: scene.person.id))
        let mail = try await scene.link(to: now)
        #expect(try await scene.show(mail.token)?.receipt.outcome == .done)
    }
}
