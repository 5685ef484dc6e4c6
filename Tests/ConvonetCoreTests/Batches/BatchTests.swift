import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import OperatingSystem
import PostgresClient
import Testing

/// A batch as a value.
@Suite struct BatchTests {
    private static func account(_ number: Int) -> Account {
        Account(
            id: UUID(uuidString: "00000000-0000-4000-8000-00000000000\(number)") ?? UUID(),
            email: "a\(number)@example.org",
            username: "a\(number)", firstName: "A", lastName: "B", createdAt: Timestamp(microseconds: 0),
            updatedAt: Timestamp(microseconds: 0), version: "1")
    }

    private func batch(
        _ numbers: [Int] = [1, 2, 3], _ action: AccountChange.Action = .setActive(false),
        _ context: ChangeContext = ChangeContext(reason: "left"), name: String? = nil, user: String = "anna"
    ) -> Batch {
        Batch(
            numbers.enumerated().map { ($0.offset + 2, Self.account($0.element)) }, action: action, context: context,
            name: name, user: user)
    }

    private func requests(_ batch: Batch) -> Set<UUID> { Set(batch.rows.map(\.result.requestID)) }

    @Test func itIsKnownByWhoAndWhatAndWhy() {
        let first = batch()
        #expect(batch([3, 1, 2]).name == first.name && requests(batch([3, 1, 2])) == requests(first))
        let others = [
            batch([1, 2]), batch([1, 2, 3], .setActive(true)), batch([1, 2, 3], .setActive(false), ChangeContext()),
            batch([1, 2, 3], .setActive(false), ChangeContext(ticket: "left")),
        ]
        #expect(Set(others.map(\.name)).count == 4 && !others.map(\.name).contains(first.name))
        #expect(others.allSatisfy { requests($0).isDisjoint(with: requests(first)) })
    }

    @Test func aNameStandsForAllButTheAction() {
        let first = batch(name: "june")
        #expect(
            requests(batch([1, 2], .setActive(false), ChangeContext(), name: "june")).isSubset(of: requests(first)))
        #expect(requests(batch([1, 2], .setActive(true), name: "june")).isDisjoint(with: requests(first)))
        #expect(requests(batch(name: "july")).isDisjoint(with: requests(first)))
        // Nobody gets the receipt of somebody else's request, so their own is another.
        #expect(requests(batch(name: "june", user: "bo")).isDisjoint(with: requests(first)))
    }

    @Test func eachRequestHasAnIDOfItsOwnForGood() {
        let ids = batch(name: "june").rows.map { $0.result.requestID.uuidString.lowercased() }
        #expect(Set(ids).count == 3)
        #expect(ids.allSatisfy { $0.dropFirst(14).first == "8" })
        // Once given it must not change: an interrupted batch may be carried on by a later version.
        #expect(ids.first == Self.known)
    }

    private static let known = "3ad6ba8e-f105-8e60-a98f-b1b5e7f22791"

    @Test func onlyWhatLeavesSecretsAloneIsForMany() {
        #expect(
            AccountAction.forMany.map(\.optionName) == [
                "activate", "deactivate", "verify", "unverify", "send-reset-link", "send-pin-link",
                "revoke-reset-links",
                "sign-out", "unblock", "freeze", "unfreeze",
            ])
        #expect(AccountAction.whyNotForMany("reset-password")?.contains("secrets") == true)
        #expect(AccountAction.whyNotForMany("clear-voice-pin") != nil && AccountAction.whyNotForMany("undo") != nil)
        #expect(AccountAction.whyNotForMany("deactivate") == nil && AccountAction.whyNotForMany("dance") == nil)
        #expect(AccountChange.Action(forMany: "reset-password") == nil)
        #expect(AccountChange.Action(forMany: "deactivate") == .setActive(false))
    }
}
