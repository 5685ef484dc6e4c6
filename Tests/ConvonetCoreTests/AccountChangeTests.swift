import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct AccountChangeTests {
    @Test func everyActionIsDoneAndLogged() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let context = ChangeContext(reason: "forgot it", ticket: "T-1", verifiedBy: "callback")
        let actions: [(AccountChange.Action, String)] = [
            (.generatePassword, "method=generated"),
            (.setPassword(.text("kdfj-eorj-3939-wqpz"), allowWeak: false), "method=typed"),
            (.setPassword(.text("garten"), allowWeak: true), "weak="), (.issuePIN, "method=issued"),
            (.clearPIN, "method=cleared"),
        ]
        for (index, (action, detail)) in actions.enumerated() {
            let before = try #require(try await desk.accounts.account(id: person.id))
            let change = AccountChange(account: before, action: action, context: context)
            let result = try await desk.changes.perform(change)
            #expect(result.outcome == .done, "\(action.name): \(result.message ?? "")")
            let after = try #require(try await desk.accounts.account(id: person.id))
            #expect(after.updatedAt > before.updatedAt && after.version != before.version)
            #expect(result.account.updatedAt == after.updatedAt)
            let event = try #require(try await database.log().last)
            #expect(event.sequence == index + 1 && result.receipt?.sequence == index + 1)
            #expect(result.receipt?.hash == event.hash && result.receipt?.eventID == event.eventID)
            #expect(event.action == action.name && event.outcome == "done" && event.rule == nil)
            #expect(event.detail?.contains(detail) == true)
            #expect(
                event.accountID == person.id && event.accountEmail == person.email
                    && event.accountUsername == person.username)
            #expect(event.requestID == change.requestID)
            #expect([event.reason, event.ticket, event.verifiedBy] == ["forgot it", "T-1", "callback"])
            #expect(event.operatorName == "anna" && event.dbUser == "test_operator" && event.uid == 1001)
            #expect(event.host == "desk-3" && event.tty == "/dev/pts/4" && event.sshOrigin == "192.0.2.7 50022")
        }
        #expect(try await desk.accounts.account(id: person.id)?.hasVoicePIN == false)
        #expect(try await desk.accounts.history(of: person.id).map(\.action) == database.log().reversed().map(\.action))
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func refusalsChangeNothingAndLeaveTheirRow() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            "UPDATE convonet_admin.policy SET verification_methods = '{callback}', require_reason = true, require_ticket = true"
        )
        let desk = try await database.session()
        let person = try await desk.person()
        let external = try await desk.person { $0.signIn == .external && $0.isActive }
        let noPIN = try await desk.person { !$0.hasVoicePIN }
        let full = ChangeContext(reason: "r", ticket: "t", verifiedBy: "callback")
        let good: AccountChange.Action = .setPassword(.text("kdfj-eorj-3939-wqpz"), allowWeak: false)
        let cases: [(Account, AccountChange.Action, ChangeContext, String)] = [
            (person, good, ChangeContext(), "reason_required"),
            (person, good, ChangeContext(reason: "   "), "reason_required"),
            (person, .issuePIN, ChangeContext(reason: "r"), "ticket_required"),
            (person, .clearPIN, ChangeContext(reason: "r", ticket: "t"), "verification_required"),
            (person, .issuePIN, ChangeContext(reason: "r", ticket: "t", verifiedBy: "guess"), "verification_required"),
            (external, good, full, "external_sign_in"), (noPIN, .clearPIN, full, "no_voice_pin"),
            (person, .setPIN(.text("123456")), full, "pin_steps"), (person, .setPIN(.text("12345")), full, "pin_steps"),
            (person, .setPIN(.text("12a4")), full, "pin_not_digits"),
            (person, .setPIN(.text("٣٤٥٦")), full, "pin_not_ascii_digits"),
            (person, .setPIN(.text("123")), full, "pin_wrong_length"), (person, .setPIN(.text("")), full, "pin_empty"),
            (person, .setPassword(.text(""), allowWeak: true), full, ""),
            (person, .setPassword(.text("kurz1"), allowWeak: true), full, ""),
            (person, .setPassword(.text("password"), allowWeak: true), full, ""),
            (person, .setPassword(.text(person.username + "-9-x"), allowWeak: true), full, ""),
            (person, .setPassword(.text(String(repeating: "ü7Kq", count: 20)), allowWeak: true), full, ""),
            (person, .setPassword(Secret(utf8: Array("ok-kdfj\0-eorj".utf8)), allowWeak: true), full, ""),
            (
                person, .setPassword(Secret(utf8: [0xff, 0xfe] + Array("kdfj-eorj-3939".utf8)), allowWeak: true), full,
                ""
            ),
        ]
        for (index, (account, action, context, rule)) in cases.enumerated() {
            let before = try await database.stored("users_convonet", of: account)
            let result = try await desk.changes.perform(
                AccountChange(account: account, action: action, context: context))
            #expect(result.outcome == .refused && result.newSecret == nil && result.message?.isEmpty == false)
            if !rule.isEmpty { #expect(result.rule == rule) }
            #expect(try await database.stored("users_convonet", of: account) == before)
            let event = try #require(try await database.log().last)
            #expect(event.sequence == index + 1)
            #expect(
                event.outcome == "refused" && event.rule == result.rule && event.rule != nil
                    && event.action == action.name)
            #expect(event.accountID == account.id)
        }
    }

    @Test func aChangedRowIsAConflict() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql("UPDATE users_convonet SET username = username || 'x' WHERE id = '\(person.idText)'")
        let hash = try await database.stored("password_hash", of: person)
        let result = try await desk.changes.perform(AccountChange(account: person, action: .generatePassword))
        #expect(result.outcome == .conflict && result.rule == "account_changed" && result.newSecret == nil)
        #expect(try await database.stored("password_hash", of: person) == hash)
        #expect(result.message?.contains("since you saw it: username. Nothing was changed") == true)
        #expect(try await database.log().map(\.outcome) == ["conflict"])
        #expect(try await database.log().map(\.detail) == ["method=generated changed=username"])
        let fresh = try #require(try await desk.accounts.account(id: person.id))
        #expect(
            try await desk.changes.perform(AccountChange(account: fresh, action: .generatePassword)).outcome
                == .done)
    }

    @Test func aLocalPasswordAndAnInactivePerson() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let external = try await desk.person { $0.signIn == .external }
        let result = try await desk.changes.perform(
            AccountChange(
                account: external, action: .generatePassword, context: ChangeContext(wantsLocalPassword: true)))
        #expect(result.outcome == .done)
        #expect(try await database.log().last?.detail == "method=generated local_password=yes was=FRONTEGG_SSO_USER")
        #expect(try await desk.accounts.account(id: external.id)?.signIn == .password)
        let inactive = try await desk.person { !$0.isActive && $0.signIn == .password }
        #expect(
            try await desk.changes.perform(AccountChange(account: inactive, action: .generatePassword)).outcome
                == .done)
        #expect(try await desk.accounts.account(id: inactive.id)?.isActive == false)
    }

    @Test func anAccountThatIsGoneIsUnknown() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        var person = try await desk.person()
        person.id = UUID()
        await #expect(throws: AdminError.accountUnknown(person.email)) {
            try await desk.changes.perform(AccountChange(account: person, action: .clearPIN))
        }
        #expect(try await database.log().isEmpty)
    }

    @Test func viewersAndAuditorsMayNotChange() async throws {
        let database = try await TestDatabase.quick()
        for user in [TestDatabase.User.viewer, .auditor, .supervisor] {
            let session = try await database.session(user)
            #expect(!session.rights.mayChange)
            let person = try await session.person()
            await #expect(throws: AdminError.notPermitted(.changeCredentials)) {
                try await session.changes.perform(AccountChange(account: person, action: .clearPIN))
            }
        }
        #expect(try await database.log().isEmpty)
    }
}
