import Credentials
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// Where as much mail waits as may: what staff ask for is refused, and no change waits for its notice.
@Suite(.dropsDatabases) struct MailOverflowTests {
    /// Queues so many mails of a kind.
    private func fill(_ database: TestDatabase, _ count: Int, kind: String = "notice", end: String = "'1 hour'")
        async throws
    {
        try await database.sql(
            """
            INSERT INTO convonet_admin.mail_queue (kind, address, request_id, created_at, give_up_at, next_try_at)
            SELECT '\(kind)', 'x@example.org', gen_random_uuid(), now(), now() + interval \(end), now() + interval '30 minutes'
            FROM generate_series(1, \(count))
            """)
    }

    @Test func whatStaffAskForIsRefusedAndChangesNothing() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        try await fill(database, 10_000)
        #expect(try await session.perform(.sendResetLink, on: person).rule == "mail_queue_full")
        let refused = try await session.perform(.sendPINLink, on: person)
        #expect(refused.rule == "mail_queue_full" && refused.message?.contains("nothing was queued") == true)
        #expect(try await session.callers.sendCode(to: person, key: CallerKey()).rule == "mail_queue_full")
        let kept =
            "SELECT (SELECT count(*) FROM convonet_admin.reset_token) + (SELECT count(*) FROM convonet_admin.caller_code)"
        #expect(try await database.sql(kept) == "0")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "10000")
        // What needs no mail goes on.
        #expect(try await session.perform(.issueResetCode, on: person).outcome == .done)
        let state = try await session.changes.mailState()
        #expect(state.isFull && state.waiting == 10_000)
        try await database.sql(
            "DELETE FROM convonet_admin.mail_queue WHERE id = (SELECT max(id) FROM convonet_admin.mail_queue)")
        #expect(try await session.perform(.sendResetLink, on: person).outcome == .done)
        #expect(try await session.perform(.sendResetLink, on: person).rule == "mail_queue_full")
    }

    /// It is left out, and whoever looks at the page sees that.
    @Test func aChangeWaitsForNoNotice() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("notify_changes = true, approver_addresses = ARRAY['second@example.org']")
        let session = try await database.session()
        let people = try await session.people(2)
        try await fill(database, 10_000)
        let done = try await session.perform(.issuePIN, on: people[0])
        #expect(done.outcome == .done)
        let mail = try await session.accounts.dossier(of: people[0].id).obstacles.get().lastMail
        #expect(mail?.unsent?.words == "not sent: the mail queue was full")
        // Nor does anybody hear of its end who did not hear of it.
        let receipt = try #require(done.receipt?.sequence)
        #expect(
            try await session.perform(.undo(receipt: receipt), on: try await session.accounts.find(people[0].email))
                .outcome == .done)
        #expect(try await database.selfService().nextMail() == nil)
        // Asking for approval goes on, too.
        try await database.setPolicy("protected_accounts = ARRAY['\(people[1].username)']")
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: people[1]).receipt?.approval != nil)
        #expect(
            try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE state = 'waiting'") == "10000")
    }

    /// Nor does what is given up, which nobody may ever clear away.
    @Test func strangersTakeNoPlaceFromStaff() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        try await fill(database, 6000, kind: "link_request")
        // What was asked for, too, once it is known whose it is.
        try await fill(database, 6000, kind: "reset_link")
        try await fill(database, 6000, end: "'-1 second'")
        #expect(try await session.perform(.sendResetLink, on: person).outcome == .done)
        try await fill(database, 10_000)
        let desk = try database.selfService()
        try await desk.requestLink(to: person.email, from: "192.0.2.1")
        #expect(
            try await database.sql(
                "SELECT count(*) FROM convonet_admin.mail_queue WHERE address = '\(person.email)' AND state = 'waiting'"
            )
                == "2")
    }
}
