import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct TicketPatternTests {
    private func set(_ name: String, _ text: String, _ desk: AdminSession) async throws {
        let setting = try #require(PolicySetting.all.first { $0.name == name })
        _ = try await desk.policies.set([(setting, text)], reason: nil)
    }

    @Test func aTicketMustMatchAsAWholeWhereOneIsGiven() async throws {
        let database = try await TestDatabase.make()
        try await set("ticket_pattern", "HD-[0-9]{3,6}", database.session(.supervisor))
        let desk = try await database.session()
        let page = try await desk.accounts.page(of: AccountSelection(), limit: 4)
        for (account, ticket) in zip(page.accounts, ["HD-12x", "see HD-1234", "HD-1234", ""]) {
            let result = try await desk.changes.perform(
                AccountChange(account: account, action: .issuePIN, context: ChangeContext(ticket: ticket)))
            let isFit = ticket == "HD-1234" || ticket.isEmpty
            #expect(result.outcome == (isFit ? .done : .refused), "\(ticket)")
            #expect(result.rule == (isFit ? nil : "ticket_malformed"))
        }
    }

    @Test func aPatternThatIsNoneIsRefused() async throws {
        let database = try await TestDatabase.make()
        let supervisor = try await database.session(.supervisor)
        // An option is one at the beginning only, and here it would not stand there.
        for pattern in ["HD-(", "(?i)hd-[0-9]+", "***=T"] {
            await #expect(throws: AdminError.self) { try await set("ticket_pattern", pattern, supervisor) }
        }
        #expect(try await supervisor.policies.current().ticketPattern == "")
    }

    @Test func aDryRunAsksForThePatternToo() async throws {
        let database = try await TestDatabase.make()
        try await set("ticket_pattern", "HD-[0-9]+", database.session(.supervisor))
        let desk = try await database.session()
        let person = try #require(try await desk.accounts.page(of: AccountSelection(), limit: 1).accounts.first)
        for (ticket, outcome) in [("HD-7", ChangeResult.Outcome.wouldDo), ("7", .refused)] {
            let change = AccountChange(account: person, action: .issuePIN, context: ChangeContext(ticket: ticket))
            #expect(try await desk.changes.rehearse(change).outcome == outcome)
        }
    }

    @Test func aMethodIsNamedWithoutItsQuestion() async throws {
        let database = try await TestDatabase.make()
        try await set(
            "verification_methods", "callback: Did you call back?,badge", database.session(.supervisor))
        let desk = try await database.session()
        #expect(desk.policy.verificationMethods.map(\.name) == ["callback", "badge"])
        #expect(desk.policy.verificationMethods.first?.question == "Did you call back?")
        let person = try #require(try await desk.accounts.page(of: AccountSelection(), limit: 1).accounts.first)
        for (method, outcome) in [("call", ChangeResult.Outcome.refused), ("callback", .done)] {
            let result = try await desk.changes.perform(
                AccountChange(account: person, action: .issuePIN, context: ChangeContext(verifiedBy: method)))
            #expect(result.outcome == outcome)
        }
    }
}
