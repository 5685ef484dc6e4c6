import ConvonetCore
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ReplayTests {
    @Test func aRequestIsCarriedOutOnce() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        for action in [AccountChange.Action.generatePassword, .issuePIN] {
            let now = try #require(try await desk.accounts.account(id: person.id))
            let change = AccountChange(account: now, action: action)
            let first = try await desk.changes.perform(change)
            let stored = try await database.stored("users_convonet", of: person)
            let second = try await desk.changes.perform(change)
            #expect(first.newSecret != nil && second.newSecret == nil)
            #expect(second.outcome == .done && second.receipt?.isReplayed == true && first.receipt?.isReplayed == false)
            #expect(second.receipt?.eventID == first.receipt?.eventID && second.receipt?.hash == first.receipt?.hash)
            #expect(try await database.stored("users_convonet", of: person) == stored)
        }
        #expect(try await database.log().count == 2)
    }

    @Test func anIDOfSomethingElseIsRefused() async throws {
        let database = try await TestDatabase.quick()
        let (desk, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await desk.people(2)
        let id = UUID()
        #expect(
            try await desk.changes.perform(
                AccountChange(account: people[0], action: .issuePIN, requestID: id)
            ).outcome == .done)
        let again = try #require(try await desk.accounts.account(id: people[0].id))
        let misuses: [(AdminSession, Account, AccountChange.Action)] = [
            (desk, people[1], .issuePIN), (desk, again, .generatePassword), (other, again, .issuePIN),
        ]
        for (session, account, action) in misuses {
            let result = try await session.changes.perform(
                AccountChange(account: account, action: action, requestID: id))
            #expect(result.outcome == .refused && result.rule == "request_id_reused" && result.newSecret == nil)
            #expect(result.receipt?.isReplayed == false)
        }
    }

    @Test func aRefusedRequestMayBeSentAgain() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person { $0.signIn == .external }
        let id = UUID()
        let first = try await desk.changes.perform(
            AccountChange(account: person, action: .generatePassword, requestID: id))
        #expect(first.rule == "external_sign_in")
        let context = ChangeContext(wantsLocalPassword: true)
        let second = try await desk.changes.perform(
            AccountChange(account: person, action: .generatePassword, context: context, requestID: id))
        #expect(second.outcome == .done && second.receipt?.isReplayed == false)
    }

    @Test func oneIDAtOnceOnManyAccountsIsDoneOnce() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(6)
        let id = UUID()
        let outcomes = await withTaskGroup(of: String.self) { group in
            for person in people {
                group.addTask {
                    let change = AccountChange(account: person, action: .clearPIN, requestID: id)
                    return (try? await desk.changes.perform(change))?.outcome.rawValue ?? "error"
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == "done" }.count == 1)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE outcome = 'done'") == "1")
    }
}
