import ConvonetCore
import SelfServiceCore
import TestDatabase
import Testing

/// What the metrics of self-service say of the mail that waits.
@Suite(.dropsDatabases) struct MailQueueStateTests {
    @Test func itIsToldInNumbersAlone() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        let idle = try #require(try await desk.mailQueueState(within: .seconds(30)))
        #expect(!idle.isSending && !idle.sendsTexts && !idle.isFull)
        #expect([idle.waiting, idle.sending, idle.failed, idle.untriedSeconds, idle.triedSeconds] == [0, 0, 0, 0, 0])
        let people = try await database.session().people(4)
        for person in people { try await desk.requestLink(to: person.email, from: "192.0.2.1") }
        try await database.sql("UPDATE convonet_admin.mail_queue SET created_at = now() - interval '90 seconds'")
        let mail = try #require(try await desk.nextMail())
        try await desk.end(mail, as: .failed, reason: "exit 67 nobody@example.org")
        _ = try #require(try await desk.nextMail())
        let state = try #require(try await desk.mailQueueState(within: .seconds(30)))
        #expect(state.waiting == 2 && state.sending == 1 && state.failed == 1)
        #expect(state.isSending && !state.sendsTexts && !state.isFull)
        #expect((90..<150).contains(state.untriedSeconds) && (90..<150).contains(state.triedSeconds))
        // What is long over is no news.
        try await database.sql(
            "UPDATE convonet_admin.mail_queue SET ended_at = now() - interval '25 hours' WHERE state = 'failed'")
        #expect(try await desk.mailQueueState(within: .seconds(30))?.failed == 0)
        // By a clock that was ahead nothing is older than it can be.
        try await database.sql("UPDATE convonet_admin.mail_queue SET created_at = now() + interval '1 hour'")
        let early = try await desk.mailQueueState(within: .seconds(30))
        #expect(early?.untriedSeconds == 0 && early?.triedSeconds == 0)
    }

    @Test func nobodyElseIsToldThere() async throws {
        let database = try await TestDatabase.quick()
        for user in [TestDatabase.User.operator, .auditor, .stranger] {
            #expect(
                await database.refusal(of: "SELECT convonet_admin.self_mail_state()", as: user)?.contains(
                    "permission denied") == true)
        }
        // Nor is self-service told why a mail could not be sent.
        #expect(
            await database.refusal(of: "SELECT convonet_admin.mail_state()", as: .selfService)?.contains(
                "permission denied") == true)
    }
}
