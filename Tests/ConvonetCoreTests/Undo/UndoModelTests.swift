import AuditVerification
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

/// Two operators, a supervisor, two people, the application and the clock do things in any order; the database answers each time
/// as a small model of what docs/SECURITY.md says does.
@Suite struct UndoModelTests {
    /// What a reset replaced.
    private struct Kept {
        var receipt: Int
        var desk: Int
        var column: String
        var value: String
        var expiresAt: Int
        /// Whether something else has happened to the account since.
        var isOutdated = false
    }

    private struct Person {
        var values: [String: String]
        var kept: [Kept] = []
        var isFrozen = false

        /// A change of ours wrote a column: what was kept of the others stays good.
        mutating func write(_ column: String, _ value: String) {
            values[column] = value
            kept.removeAll { $0.column == column || $0.isOutdated }
        }
    }

    /// The operators: two ordinary ones, and one who is a supervisor, too.
    private static let users = [TestDatabase.User.operator, .secondOperator, .lead]
    private static let columns = ["password_hash", "voice_pin"]

    @Test(arguments: 1...8) func everyOrderOfStepsIsAnsweredAsTheModelSays(seed: UInt64) async throws {
        let database = try await TestDatabase.quick()
        var desks: [AdminSession] = []
        for user in Self.users { desks.append(try await database.session(user)) }
        let people = try await desks[0].people(2)
        var model: [Person] = []
        for person in people {
            var values: [String: String] = [:]
            for column in Self.columns { values[column] = try await database.stored(column, of: person) }
            model.append(Person(values: values))
        }
        var (random, now, receipts) = (SeededNumbers(seed: seed), 0, [1_000_000])
        for step in 0..<60 {
            let (desk, person) = (random.next(3), random.next(2))
            let place: Comment = "seed \(seed), step \(step), operator \(desk), person \(person)"
            switch random.next(12) {
            case 0...3:
                let action: AccountChange.Action = [.issuePIN, .clearPIN, .generatePassword][random.next(3)]
                let column = action == .generatePassword ? "password_hash" : "voice_pin"
                let result = try await desks[desk].perform(action, on: people[person])
                let isEmpty = action == .clearPIN && model[person].values[column] == "NULL"
                let rule = model[person].isFrozen ? "frozen" : isEmpty ? "no_voice_pin" : nil
                #expect(result.rule == rule, place)
                guard rule == nil, let receipt = result.receipt?.sequence else { break }
                let before = model[person].values[column] ?? ""
                model[person].write(column, try await database.stored(column, of: people[person]))
                model[person].kept.append(
                    Kept(receipt: receipt, desk: desk, column: column, value: before, expiresAt: now + 15))
                receipts.append(receipt)
            case 4...7:
                let receipt = receipts[random.next(receipts.count)]
                let kept = model[person].kept.first { $0.receipt == receipt && $0.expiresAt > now }
                let rule: String? =
                    model[person].isFrozen
                    ? "frozen"
                    : kept == nil
                        ? "undo_missing"
                        : kept?.desk != desk && desk != 2
                            ? "undo_foreign" : kept?.isOutdated == true ? "undo_outdated" : nil
                #expect(try await desks[desk].perform(.undo(receipt: receipt), on: people[person]).rule == rule, place)
                if rule == nil, let kept { model[person].write(kept.column, kept.value) }
            case 8:
                try await database.sql(
                    "UPDATE users_convonet SET last_login_at = clock_timestamp() WHERE id = '\(people[person].idText)'")
                for index in model[person].kept.indices { model[person].kept[index].isOutdated = true }
            case 9:
                let wish = AccountChange.Action.setFrozen(!model[person].isFrozen)
                let result = try await desks[2].perform(
                    wish, on: people[person], context: ChangeContext(reason: "security"))
                #expect(result.outcome == .done, place)
                model[person].isFrozen.toggle()
            case 10:
                #expect(
                    try await desks[desk].perform(.signOut, on: people[person]).rule
                        == (model[person].isFrozen ? "frozen" : nil), place)
            default:
                let minutes = [1, 6, 16][random.next(3)]
                now += minutes
                try await database.sql(
                    "UPDATE convonet_admin.replaced_credential SET expires_at = expires_at - interval '\(minutes) minutes'"
                )
            }
            for (index, account) in people.enumerated() {
                for column in Self.columns {
                    let stored = try await database.stored(column, of: account)
                    #expect(stored == model[index].values[column], place)
                }
            }
        }
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }
}
