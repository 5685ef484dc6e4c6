import ConvonetCore
import FoundationEssentials
import TestDatabase
import Testing

@Suite struct MailQueueTests {
    private func makeDue(_ database: TestDatabase) throws {
        try database.sql(
            "UPDATE convonet_admin.mail_queue SET next_try_at = now() WHERE state IN ('waiting', 'sending')")
    }

    @Test func twoInstancesNeverTakeTheSame() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService(maximum: 8)
        let people = try await database.session().people(8)
        for person in people { try await desk.requestLink(to: person.email, from: "192.0.2.1") }
        let mails = try await withThrowingTaskGroup(of: [QueuedMail].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var mine: [QueuedMail] = []
                    while let mail = try await desk.takeMail() { mine.append(mail) }
                    return mine
                }
            }
            return try await group.reduce(into: [QueuedMail]()) { $0 += $1 }
        }
        #expect(Set(mails.map(\.address)) == Set(people.map(\.email)))
        #expect(mails.count == 8)
    }

    @Test func whatWasTakenByOneWhoIsGoneIsSentWithANewToken() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        let first = try await database.link(to: try await database.session().person().email, desk)
        #expect(try await desk.takeMail() == nil)
        try makeDue(database)
        let second = try #require(try await desk.takeMail())
        #expect(second.number == first.number && second.attempt == 2)
        #expect(try await desk.holder(of: first.token) == nil)
        #expect(try await desk.holder(of: second.token) != nil)
        // The first comes back after all, too late to say anything.
        try await desk.end(first, as: .failed)
        #expect(try database.sql("SELECT state FROM convonet_admin.mail_queue") == "sending")
        try await desk.end(second, as: .sent)
        #expect(try database.sql("SELECT state FROM convonet_admin.mail_queue") == "sent")
    }

    @Test func pausesGrowUntilItIsGivenUp() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        try await desk.requestLink(to: try await database.session().person().email, from: "192.0.2.1")
        var pauses: [String] = []
        for _ in 0..<4 {
            let mail = try #require(try await desk.takeMail())
            try await desk.end(mail, as: .later, reason: "exit 75")
            pauses.append(
                try database.sql(
                    "SELECT round(extract(epoch FROM next_try_at - clock_timestamp()) / 15) FROM convonet_admin.mail_queue"
                ))
            try makeDue(database)
        }
        #expect(pauses == ["1", "4", "16", "64"])
        try database.sql("UPDATE convonet_admin.mail_queue SET give_up_at = now()")
        #expect(try await desk.takeMail() == nil)
        #expect(try database.sql("SELECT state, last_error FROM convonet_admin.mail_queue") == "failed|exit 75")
    }

    @Test func noMailGoesOutForALinkThatIsVoidByThen() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let send = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(send).outcome == .done)
        let reset = AccountChange(account: person, action: .generatePassword)
        #expect(try await staff.changes.perform(reset).outcome == .done)
        #expect(try await desk.takeMail() == nil)
        #expect(try database.sql("SELECT state FROM convonet_admin.mail_queue") == "void")
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.outdated])
    }

    @Test func peopleAreToldWhereThePolicyWantsIt() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        #expect(
            try await staff.changes.perform(AccountChange(account: person, action: .clearPIN)).outcome == .done)
        #expect(try await desk.takeMail() == nil)
        try database.sql("UPDATE convonet_admin.policy SET notify_changes = true")
        let now = try #require(try await staff.accounts.account(id: person.id))
        #expect(
            try await staff.changes.perform(AccountChange(account: now, action: .generatePassword)).outcome
                == .done)
        // The address as it was: what the application makes of it later does not count.
        try database.sql("UPDATE users_convonet SET email = 'thief@example.net' WHERE id = '\(person.idText)'")
        let mail = try #require(try await desk.takeMail())
        #expect(mail.address == person.email)
        #expect(mail.content == .notice(action: "reset_password", byThemselves: false))
        #expect(try await desk.holder(of: mail.token) == nil)
    }
}
