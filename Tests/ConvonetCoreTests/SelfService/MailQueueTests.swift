import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct MailQueueTests {
    private func makeDue(_ database: TestDatabase) async throws {
        try await database.sql(
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
                    while let mail = try await desk.nextMail() { mine.append(mail) }
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
        #expect(try await desk.nextMail() == nil)
        try await makeDue(database)
        let second = try #require(try await desk.nextMail())
        #expect(second.number == first.number && second.attempt == 2)
        #expect(try await desk.holder(of: first.token) == nil)
        #expect(try await desk.holder(of: second.token) != nil)
        // The first comes back after all, too late to say anything.
        try await desk.end(first, as: .failed)
        #expect(try await database.sql("SELECT state FROM convonet_admin.mail_queue") == "sending")
        try await desk.end(second, as: .sent)
        #expect(try await database.sql("SELECT state FROM convonet_admin.mail_queue") == "sent")
    }

    @Test func pausesGrowUntilItIsGivenUp() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        try await desk.requestLink(to: try await database.session().person().email, from: "192.0.2.1")
        var pauses: [String] = []
        for _ in 0..<4 {
            let mail = try #require(try await desk.nextMail())
            try await desk.end(mail, as: .later, reason: "exit 75")
            pauses.append(
                try await database.sql(
                    "SELECT round(extract(epoch FROM next_try_at - clock_timestamp()) / 15) FROM convonet_admin.mail_queue"
                ))
            try await makeDue(database)
        }
        #expect(pauses == ["1", "4", "16", "64"])
        try await database.sql("UPDATE convonet_admin.mail_queue SET give_up_at = now()")
        #expect(try await desk.nextMail() == nil)
        #expect(try await database.sql("SELECT state, last_error FROM convonet_admin.mail_queue") == "failed|exit 75")
    }

    @Test func noMailGoesOutForALinkThatIsVoidByThen() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let send = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(send).outcome == .done)
        let reset = AccountChange(account: person, action: .generatePassword)
        #expect(try await staff.changes.perform(reset).outcome == .done)
        #expect(try await desk.nextMail() == nil)
        #expect(try await database.sql("SELECT state FROM convonet_admin.mail_queue") == "void")
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.outdated])
    }

    @Test func peopleAreToldWhereThePolicyWantsIt() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        #expect(
            try await staff.changes.perform(AccountChange(account: person, action: .clearPIN)).outcome == .done)
        #expect(try await desk.nextMail() == nil)
        try await database.sql("UPDATE convonet_admin.policy SET notify_changes = true")
        let now = try #require(try await staff.accounts.account(id: person.id))
        #expect(
            try await staff.changes.perform(AccountChange(account: now, action: .generatePassword)).outcome
                == .done)
        // The address as it was: what the application makes of it later does not count.
        try await database.sql("UPDATE users_convonet SET email = 'thief@example.net' WHERE id = '\(person.idText)'")
        let mail = try #require(try await desk.nextMail())
        #expect(mail.address == person.email)
        #expect(mail.content == .notice(action: "reset_password", byThemselves: false))
        #expect(try await desk.holder(of: mail.token) == nil)
    }

    @Test func unknownAddressesHoldNobodyUp() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        let person = try await database.session().person()
        try await database.sql(
            """
            INSERT INTO convonet_admin.mail_queue (kind, address, request_id, created_at, give_up_at, next_try_at)
            SELECT 'link_request', 'nobody' || n || '@example.net', gen_random_uuid(), now(), now() + interval '1 hour', now()
            FROM generate_series(1, 3000) n
            """)
        try await desk.requestLink(to: person.email.uppercased(), from: "192.0.2.1")
        // By one call, and not one look through the table after the other.
        guard case .mail(let mail) = try await desk.takeMail() else {
            Issue.record("no mail")
            return
        }
        #expect(mail.address == person.email)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "1")
    }

    @Test func aCallThatCouldNotComeToAnEndIsRepeatedAtOnce() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let inactive = try await staff.person { !$0.isActive && $0.signIn == .password }
        for _ in 0..<60 { try await desk.requestLink(to: inactive.email, from: "192.0.2.1") }
        guard case .more = try await desk.takeMail() else {
            Issue.record("it took all, or none")
            return
        }
        #expect(try await desk.nextMail() == nil)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "0")
    }

    @Test func aMailIsHeldForLessThanTheTimeThatItHas() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql("UPDATE convonet_admin.policy SET reset_link_minutes = 5")
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let change = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(change).outcome == .done)
        let left = "extract(epoch FROM next_try_at - clock_timestamp())::integer"
        let (first, hold) = (
            try #require(try await desk.nextMail()),
            Int(try await database.sql("SELECT \(left) FROM convonet_admin.mail_queue"))
        )
        #expect((100...150).contains(hold ?? 0) && first.patience == 60)
        // Whoever took it is gone, and later there is less time.
        try await database.sql(
            "UPDATE convonet_admin.mail_queue SET next_try_at = now(), give_up_at = clock_timestamp() + interval '60 seconds'"
        )
        let second = try #require(try await desk.nextMail())
        #expect((10...20).contains(second.patience) && second.attempt == 2)
        #expect(try await database.sql("SELECT \(left) <= 30 FROM convonet_admin.mail_queue") == "t")
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.queued])
        // Nobody sent it in time, also where nobody is there to find that out.
        try await database.sql("UPDATE convonet_admin.mail_queue SET give_up_at = clock_timestamp()")
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.undelivered])
        try await database.sql("UPDATE convonet_admin.reset_token SET expires_at = clock_timestamp()")
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.undelivered])
        try await desk.end(second, as: .sent)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.expired])
    }

    @Test func queuedIsSaidToBeSentBySomebodyOrNobody() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let examination = DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet)
        func grade() async -> Finding.Grade? { await examination.findings().first { $0.check == "mail" }?.grade }
        let person = try await staff.person()
        #expect(await grade() == .ok)
        let send = AccountChange(account: person, action: .sendResetLink)
        let lonely = try await staff.changes.perform(send)
        #expect(lonely.outcome == .done)
        #expect(
            lonely.message?.hasPrefix("E-mail is not being sent: convonet-self-service") == true)
        #expect(await grade() == .problem)
        #expect(try await desk.nextMail() != nil)
        let state = try await staff.changes.mailState()
        #expect(state.isAsking && state.waiting == 1 && state.askedAt != nil && state.warning == nil)
        #expect(await grade() == .ok)
        let again = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(again).message == nil)
        try await database.sql("UPDATE convonet_admin.mail_program SET asked_at = now() - interval '10 minutes'")
        #expect(try await staff.changes.mailState().isAsking == false)
        #expect(await grade() == .problem)
    }

    @Test func whatAClockThatWasAheadWroteHoldsNothingUp() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        #expect(
            try await staff.changes.perform(AccountChange(account: person, action: .sendResetLink)).outcome == .done)
        try await database.sql(
            "UPDATE convonet_admin.policy SET self_service_address_limit = 1, self_service_total_limit = 1")
        for _ in 0..<2 { _ = try await desk.admit(.request, from: "192.0.2.1") }
        try await database.sql(
            """
            UPDATE convonet_admin.mail_queue SET next_try_at = next_try_at + interval '1 day',
                give_up_at = give_up_at + interval '1 day';
            UPDATE convonet_admin.request_counter SET began_at = began_at + interval '1 day';
            UPDATE convonet_admin.mail_program SET asked_at = asked_at + interval '1 day';
            INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
            VALUES ('\(person.idText)', 9, now() + interval '1 day', now() + interval '25 hours')
            """)
        #expect(try await desk.nextMail()?.address == person.email)
        #expect(try await desk.admit(.request, from: "192.0.2.1") == nil)
        #expect(try await desk.signedInPerson(person.id)?.blockedSeconds == nil)
        #expect(
            try await desk.faultOfOldPassword(try newHash(), of: person.id, from: "192.0.2.1", request: UUID())?.rule
                == "old_password_wrong")
        #expect(try await database.sql("SELECT asked_at <= clock_timestamp() FROM convonet_admin.mail_program") == "t")
    }
}
