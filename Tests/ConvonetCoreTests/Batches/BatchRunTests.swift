import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

/// A batch against a database: what is found out before, what is done, and what a second run finds.
@Suite(.dropsDatabases) struct BatchRunTests {
    private func batch(
        _ people: [Account], _ action: AccountChange.Action = .setActive(false), name: String? = "june",
        _ context: ChangeContext = ChangeContext()
    ) -> Batch {
        Batch(
            people.enumerated().map { ($0.offset + 2, $0.element) }, action: action, context: context, name: name,
            user: TestDatabase.User.operator.rawValue)
    }

    private func lookedAt(_ batch: Batch, _ desk: AdminSession) async throws -> Batch {
        var batch = batch
        for place in batch.rows.indices where batch.ending == nil {
            batch.take(try await desk.changes.look(at: batch.rows[place], of: batch), at: place)
        }
        return batch
    }

    private func carriedOut(_ batch: Batch, _ desk: AdminSession) async -> Batch {
        var batch = batch
        for place in batch.accepted where batch.ending == nil {
            batch.take(await desk.changes.carryOut(batch.rows[place], of: batch), at: place)
        }
        batch.leaveRest()
        return batch
    }

    private func anew(_ people: [Account], _ desk: AdminSession) async throws -> [Account] {
        try await desk.accounts.find(all: people.map(\.idText)).map { try $0.get() }
    }

    private func count(_ database: TestDatabase, _ condition: String = "true") async throws -> String {
        try await database.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE \(condition)")
    }

    @Test(arguments: [AccountChange.Action.setActive(false), .signOut, .sendResetLink])
    func aSecondRunDoesOnlyWhatIsMissing(action: AccountChange.Action) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(6)
        var first = try await lookedAt(batch(people, action), desk)
        #expect(first.count(.wouldDo) == 6)
        #expect(try await count(database) == "0")
        // It is stopped after three.
        for place in [0, 1, 2] { first.take(await desk.changes.carryOut(first.rows[place], of: first), at: place) }
        first.stop()
        first.leaveRest()
        #expect(first.count(.done) == 3 && first.count(.notTried) == 3)
        let again = try await lookedAt(batch(try await anew(people, desk), action), desk)
        #expect(
            again.rows.map(\.standing) == Array(repeating: .doneBefore, count: 3) + Array(repeating: .wouldDo, count: 3)
        )
        let second = await carriedOut(again, desk)
        #expect(second.count(.doneBefore) == 3 && second.count(.done) == 3)
        #expect(second.rows.prefix(3).map(\.result.receipt?.sequence) == [1, 2, 3])
        #expect(second.rows.allSatisfy { $0.result.message?.contains("Sign the person out") != true })
        #expect(try await count(database) == "6")
        #expect(try await count(database, "outcome = 'done'") == "6")
    }

    @Test func whatWasChangedBackStaysSoAndIsTold() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(1)
        _ = await carriedOut(try await lookedAt(batch(people), desk), desk)
        #expect(try await desk.perform(.setActive(true), on: people[0]).outcome == .done)
        let again = await carriedOut(try await lookedAt(batch(try await anew(people, desk)), desk), desk)
        #expect(again.rows[0].standing == .doneBefore)
        #expect(again.rows[0].result.message?.contains("changed back since") == true)
        #expect(try await desk.accounts.account(id: people[0].id)?.isActive == true)
        let other = try await lookedAt(batch(try await anew(people, desk), name: "july"), desk)
        #expect(await carriedOut(other, desk).rows[0].standing == .done)
    }

    @Test func eachThatCannotBeDoneSaysWhyAndLeavesNoEvent() async throws {
        let database = try await TestDatabase.quick()
        let (desk, boss) = (try await database.session(), try await database.session(.supervisor))
        let people = try await desk.people(5)
        #expect(try await desk.perform(.setActive(false), on: people[0]).outcome == .done)
        let reason = ChangeContext(reason: "call first")
        #expect(try await boss.perform(.setFrozen(true), on: people[1], context: reason).outcome == .done)
        try await database.protect(people[2])
        let gone = people[3]
        let now = try await anew(people, desk)
        try await database.sql(
            """
            DELETE FROM team_memberships_convonet WHERE user_id = '\(gone.idText)';
            DELETE FROM users_convonet WHERE id = '\(gone.idText)'
            """)
        let before = try await count(database)
        let looked = try await lookedAt(batch(now), desk)
        #expect(looked.rows.map(\.standing) == [.nothingToDo, .refused, .refused, .conflict, .wouldDo])
        #expect(looked.rows[1].result.message?.contains("call first") == true)
        #expect(looked.rows[2].result.message?.contains("on its own") == true)
        #expect(looked.rows[3].error == .accountUnknown(gone.email))
        #expect(try await count(database) == before)
        #expect(await carriedOut(looked, desk).count(.done) == 1)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.approval") == "0")
    }

    @Test func whoChangedSinceTheyWereShownIsLeftAlone() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(3)
        let looked = try await lookedAt(batch(people), desk)
        #expect(try await desk.perform(.clearPIN, on: people[1]).outcome == .done)
        let done = await carriedOut(looked, desk)
        #expect(done.rows.map(\.standing) == [.done, .conflict, .done] && done.ending == nil)
        #expect(done.rows[1].result.rule == "account_changed")
        #expect(try await desk.accounts.account(id: people[1].id)?.isActive == true)
    }

    @Test func aLimitEndsItAndALaterRunGoesOn() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(5)
        try await database.setPolicy("states_per_operator_hour = 2")
        let first = await carriedOut(try await lookedAt(batch(people), desk), desk)
        #expect(first.rows.map(\.standing) == [.done, .done, .refused, .notTried, .notTried])
        guard case .refused(isLimit: true, let message) = first.ending else {
            Issue.record("it ended by \(String(describing: first.ending))")
            return
        }
        #expect(message.contains("Limit reached"))
        // At once again it is found out before, and nothing is logged.
        let before = try await count(database)
        let second = await carriedOut(try await lookedAt(batch(try await anew(people, desk)), desk), desk)
        #expect(second.rows.map(\.standing) == [.doneBefore, .doneBefore, .refused, .notTried, .notTried])
        #expect(try await count(database) == before)
        try await database.setPolicy("states_per_operator_hour = 0")
        let third = await carriedOut(try await lookedAt(batch(try await anew(people, desk)), desk), desk)
        #expect(third.count(.done) == 3 && third.count(.doneBefore) == 2)
        #expect(try await count(database, "outcome = 'done'") == "5")
    }

    @Test func whatThePolicyWantsIsAskedForBeforeAnythingIsDone() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(3)
        try await database.setPolicy("require_ticket = true")
        let looked = try await lookedAt(batch(people), desk)
        #expect(looked.rows.map(\.standing) == [.refused, .notTried, .notTried])
        guard case .refused(isLimit: false, _) = looked.ending else {
            Issue.record("it ended by \(String(describing: looked.ending))")
            return
        }
        #expect(try await count(database) == "0")
    }

    @Test func twoRunsAtOnceDoEachOnce() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(8)
        let looked = try await lookedAt(batch(people), desk)
        async let one = carriedOut(looked, desk)
        async let other = carriedOut(looked, desk)
        #expect(await one.count(.done) == 8)
        #expect(await other.count(.done) == 8)
        #expect(try await count(database) == "8")
    }
}
