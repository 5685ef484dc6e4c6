import AuditVerification
import ConvonetDatabase
import Credentials
import EmbeddedPostgres
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// A note that stops, and what holds a caller up.
@Suite(.dropsDatabases) struct FreezeTests {
    @Test func nobodyChangesAFrozenAccountUntilASupervisorLiftsIt() async throws {
        let database = try await TestDatabase.quick()
        let (session, supervisor) = (try await database.session(), try await database.session(.supervisor))
        let people = try await session.people(2)
        let context = ChangeContext(reason: "call security before you touch this")
        #expect(try await supervisor.perform(.setFrozen(true), on: people[0], context: context).outcome == .done)
        let dossier = await session.accounts.dossier(of: people[0].id)
        let freeze = try #require(try dossier.obstacles.get().freeze)
        #expect(freeze.note == context.reason && freeze.databaseUser == "test_supervisor")
        // Whoever may see the list sees it there, and can ask for it.
        let viewer = try await database.session(.viewer)
        let frozen = try await viewer.accounts.page(of: AccountSelection(filters: [.frozen]), limit: 10).accounts
        #expect(frozen.map(\.id) == [people[0].id] && frozen[0].isFrozen)
        #expect(try await viewer.accounts.account(id: people[1].id)?.isFrozen == false)
        for action in AccountAction.all where !action.isSupervisors {
            let kind: AccountChange.Action =
                action.value == .replaced
                ? .undo(receipt: 1) : AccountChange.Action(action, typed: .text("plover-7-kettle-91"))
            let answer = try await database.sql(TestDatabase.call(kind, people[0]), as: .operator)
            #expect(answer == "refused:frozen", "\(action.name)")
        }
        #expect(
            try await session.perform(.issuePIN, on: people[0]).message?.contains(
                "Frozen by test_supervisor: “\(context.reason ?? "")”") == true)
        #expect(try await session.perform(.issuePIN, on: people[1]).outcome == .done)
        #expect(try await supervisor.perform(.setFrozen(true), on: people[0], context: context).rule == "frozen")
        #expect(try await supervisor.perform(.setFrozen(false), on: people[0]).outcome == .done)
        #expect(try await supervisor.perform(.setFrozen(false), on: people[0]).rule == "not_frozen")
        #expect(try await session.perform(.issuePIN, on: people[0]).outcome == .done)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func aNoteSaysWhyAndIsASupervisorsAlone() async throws {
        let database = try await TestDatabase.quick()
        let (session, supervisor) = (try await database.session(), try await database.session(.supervisor))
        let person = try await session.person()
        #expect(try await supervisor.perform(.setFrozen(true), on: person).rule == "reason_required")
        for action in [AccountChange.Action.setFrozen(true), .setFrozen(false)] {
            await #expect(throws: AdminError.self) {
                try await session.perform(action, on: person, context: ChangeContext(reason: "no"))
            }
        }
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.account_freeze") == "0")
    }

    @Test func wrongOldPasswordsAreSeenAndForgotten() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        #expect(try await session.perform(.unblock, on: person).rule == "not_blocked")
        try await database.sql(
            """
            INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
            VALUES ('\(person.idText)', 7, clock_timestamp(), clock_timestamp() + interval '4 minutes')
            """)
        let obstacles = try await session.accounts.dossier(of: person.id).obstacles.get()
        #expect(obstacles.wrongPasswords == 7)
        #expect(try await session.perform(.unblock, on: person).outcome == .done)
        #expect(try await session.accounts.dossier(of: person.id).obstacles.get().blockedUntil == nil)
    }

    @Test func whatBecameOfLinksAndMailIsSeen() async throws {
        let database = try await TestDatabase.quick()
        let (session, mailer) = (try await database.session(), try database.selfService())
        let person = try await session.person()
        let link = try await database.link(to: person.email, mailer)
        try await mailer.end(link, as: .failed, reason: "exit 67")
        let obstacles = try await session.accounts.dossier(of: person.id).obstacles.get()
        #expect(try await session.changes.resetLinks(of: person).map(\.unsent?.words) == ["not sent: exit 67, 1 try"])
        #expect(
            obstacles.linksAsked == 1 && obstacles.linksMost == 5 && obstacles.lastMail?.unsent?.reason == "exit 67")
    }

    /// Long before it is given up.
    @Test func mailThatFailsForATimeIsSeen() async throws {
        let database = try await TestDatabase.quick()
        let (session, mailer) = (try await database.session(), try database.selfService())
        let person = try await session.person()
        func unsent() async throws -> [String?] {
            let dossier = await session.accounts.dossier(of: person.id)
            return [
                try dossier.obstacles.get().lastMail?.unsent?.words, try dossier.links.get().first?.unsent?.words,
                try dossier.mailState?.get().lastFailure,
            ]
        }
        #expect(try await session.perform(.sendResetLink, on: person).outcome == .done)
        #expect(try await unsent() == [nil, nil, nil])
        for tries in 1...2 {
            let mail = try #require(try await mailer.nextMail())
            try await mailer.end(mail, as: .later, reason: "exit 75: no\nroute\n")
            let words = "not sent yet: exit 75: no route, \(tries) \(tries == 1 ? "try" : "tries")"
            #expect(try await unsent() == [words, words, "exit 75: no route"])
            try await database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now()")
        }
        try await mailer.end(try #require(try await mailer.nextMail()), as: .sent)
        #expect(try await unsent() == [nil, nil, nil])
    }

    /// Of whoever waits for the code, too.
    @Test func aCallersCodeThatFailsForATimeIsSeen() async throws {
        let database = try await TestDatabase.quick()
        let (session, mailer) = (try await database.session(), try database.selfService())
        let person = try await session.person()
        #expect(try await session.callers.sendCode(to: person, key: CallerKey()).isDone)
        try await mailer.end(try #require(try await mailer.nextMail()), as: .later, reason: "exit 75")
        let code = try #require(try await session.callers.state(of: person).code)
        #expect(code.state == .queued && code.unsent?.words == "not sent yet: exit 75, 1 try")
    }
}
