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
        /// The reset of the same column that came after it, and was not taken back.
        var coveredBy: Int?
    }

    private struct Person {
        var values: [String: String]
        var kept: [Kept] = []
        var receipts: Set<Int> = []
        var undone: Set<Int> = []
        var isFrozen = false

        /// A reset of ours wrote a column: what was kept of the others stays good, and of this one waits.
        mutating func reset(_ change: Kept, to value: String) {
            values[change.column] = value
            forget()
            for index in kept.indices where kept[index].column == change.column && kept[index].coveredBy == nil {
                kept[index].coveredBy = change.receipt
            }
            kept.append(change)
            receipts.insert(change.receipt)
        }

        mutating func takeBack(_ change: Kept) {
            values[change.column] = change.value
            kept.removeAll { $0.receipt == change.receipt }
            forget()
            for index in kept.indices where kept[index].coveredBy == change.receipt { kept[index].coveredBy = nil }
            undone.insert(change.receipt)
        }

        /// Of a column whose last reset something else came after nothing comes back.
        private mutating func forget() {
            let ended = kept.filter { $0.isOutdated && $0.coveredBy == nil }.map(\.column)
            kept.removeAll { ended.contains($0.column) }
        }

        /// Why this operator cannot take a reset back.
        func fault(_ receipt: Int, by desk: Int, at now: Int) -> String? {
            if isFrozen { return "frozen" }
            if !receipts.contains(receipt) { return "undo_missing" }
            if undone.contains(receipt) { return "undo_done" }
            guard let change = kept.first(where: { $0.receipt == receipt && $0.expiresAt > now }) else {
                return "undo_expired"
            }
            if change.desk != desk, desk != 2 { return "undo_foreign" }
            return change.coveredBy != nil ? "undo_covered" : change.isOutdated ? "undo_outdated" : nil
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
                model[person].reset(
                    Kept(receipt: receipt, desk: desk, column: column, value: before, expiresAt: now + 15),
                    to: try await database.stored(column, of: people[person]))
                receipts.append(receipt)
            case 4...7:
                let receipt = receipts[random.next(receipts.count)]
                let rule = model[person].fault(receipt, by: desk, at: now)
                let kept = model[person].kept.first { $0.receipt == receipt }
                #expect(try await desks[desk].perform(.undo(receipt: receipt), on: people[person]).rule == rule, place)
                if rule == nil, let kept { model[person].takeBack(kept) }
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
