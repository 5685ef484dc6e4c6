import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

/// Mail to those who may decide: who asks, for whom, and never too much of it.
@Suite(.dropsDatabases) struct ApproverMailTests {
    private struct Scene {
        let database: TestDatabase
        let (desk, staff): (SelfServiceDatabase, AdminSession)
        let people: [Account]

        init(addresses: String = "'second@example.org'") async throws {
            database = try await TestDatabase.quick()
            let session = try await database.session()
            people = try await session.people(6)
            try await database.setPolicy(
                """
                approver_addresses = ARRAY[\(addresses)]::text[],
                protected_accounts = ARRAY[\(people.map { "'\($0.username)'" }.joined(separator: ", "))]
                """)
            (desk, staff) = (try database.selfService(), try await database.session())
        }

        func ask(_ person: Account) async throws -> Int {
            let result = try await staff.perform(.issuePIN, on: person)
            #expect(result.rule == "approval_required")
            return try #require(result.receipt?.approval)
        }

        func states() async throws -> String {
            try await database.sql(
                "SELECT coalesce(string_agg(state, ' ' ORDER BY id), '-') FROM convonet_admin.mail_queue WHERE approval_id IS NOT NULL"
            )
        }
    }

    @Test func itSaysWhoAsksForWhomToEachAddressOnce() async throws {
        let scene = try await Scene(addresses: "'second@example.org', 'third@example.org', 'second@example.org'")
        let id = try await scene.ask(scene.people[0])
        // The same request again is none of its own.
        #expect(try await scene.ask(scene.people[0]) == id)
        var addresses: [String] = []
        while let mail = try await scene.desk.nextMail() {
            guard case .approvalRequest(let told) = mail.content else {
                Issue.record("another mail")
                return
            }
            #expect(told.action == "issue_voice_pin" && told.accountID == scene.people[0].id && told.waiting == 1)
            #expect(told.accountEmail == scene.people[0].email && !told.requestedBy.isEmpty)
            addresses.append(mail.address)
            // It gives nobody anything: neither by its token nor by a report.
            #expect(try await scene.desk.holder(of: mail.token) == nil)
            #expect(try await scene.desk.report(mail.token, from: "192.0.2.1", request: UUID()) == nil)
            try await scene.desk.end(mail, as: .sent)
        }
        #expect(addresses.sorted() == ["second@example.org", "third@example.org"])
        // It is no mail of the person's.
        let read =
            "SELECT coalesce(mail_state, 'none') FROM convonet_admin.account_obstacles('\(scene.people[0].idText)')"
        #expect(try await scene.database.sql(read, as: .operator) == "none")
    }

    @Test func whoAsksOftenFillsNobodysBox() async throws {
        let scene = try await Scene()
        for person in scene.people { _ = try await scene.ask(person) }
        #expect(try await scene.states() == "waiting waiting waiting")
        let mail = try #require(try await scene.desk.nextMail())
        guard case .approvalRequest(let told) = mail.content else { return }
        #expect(told.waiting == 6)
        // An hour later, and again.
        try await scene.database.sql(
            "UPDATE convonet_admin.approval SET requested_at = requested_at - interval '61 minutes', expires_at = now()"
        )
        for person in scene.people { _ = try await scene.ask(person) }
        #expect(try await scene.states() == "sending waiting waiting waiting waiting waiting")
    }

    @Test func whatIsDecidedOrOverIsNotMailed() async throws {
        let scene = try await Scene()
        let id = try await scene.ask(scene.people[0])
        try await scene.database.sql(
            "SELECT convonet_admin.decide_approval(\(id), 'deny', gen_random_uuid(), '{}')", as: .supervisor)
        _ = try await scene.ask(scene.people[1])
        try await scene.database.sql("UPDATE convonet_admin.approval SET expires_at = now() WHERE id > \(id)")
        #expect(try await scene.desk.nextMail() == nil)
        #expect(try await scene.states() == "void void")
    }

    @Test func nobodyIsToldUnlessThePolicySaysSo() async throws {
        let scene = try await Scene(addresses: "")
        _ = try await scene.ask(scene.people[0])
        #expect(try await scene.states() == "-")
        #expect(try await scene.desk.nextMail() == nil)
    }

    /// What is rolled back asks for nothing; whoever may not send learns nothing; and programs of before are given none.
    @Test func onlyTheProgramThatSendsReadsIt() async throws {
        let scene = try await Scene()
        let call = TestDatabase.call(.issuePIN, scene.people[0])
        try await scene.database.sql("BEGIN; \(call); ROLLBACK", as: .operator)
        #expect(try await scene.states() == "-")
        _ = try await scene.ask(scene.people[0])
        let take = "SELECT count(id) FROM convonet_admin.self_take_mail(sha256('a'), '{\"sends_codes\": true}')"
        #expect(try await scene.database.sql(take, as: .selfService) == "0")
        let read = "SELECT count(*) FROM convonet_admin.self_approver_mail(1, 0)"
        #expect(try await scene.database.sql(read, as: .selfService) == "0")
        for user in [TestDatabase.User.operator, .supervisor, .auditor, .viewer, .stranger] {
            let words = await scene.database.refusal(of: read, as: user)
            #expect(words?.contains("permission denied") == true, "\(user)")
        }
        #expect(try await scene.desk.nextMail() != nil)
    }

    @Test(arguments: [
        "second", "a@b", "Ann <a@example.org>", "a@example.org\nBcc: b@example.org", "a b@example.org",
        "a@b@example.org",
    ])
    func whatIsNoAddressIsRefused(text: String) async throws {
        let database = try await TestDatabase.quick()
        let claims = "jsonb_build_object('approver_addresses', jsonb_build_array('\(text)'))"
        let set = "SELECT rule FROM convonet_admin.set_policy(\(claims), gen_random_uuid(), '{}')"
        #expect(try await database.sql(set, as: .supervisor) == "setting_out_of_range")
        let setting = try #require(PolicySetting.all.first { $0.name == "approver_addresses" })
        #expect(throws: AdminError.self) { try setting.json(parsing: text) }
    }
}
