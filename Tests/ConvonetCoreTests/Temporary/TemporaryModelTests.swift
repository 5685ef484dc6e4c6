import AuditVerification
import Credentials
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// An operator, two people, the application, a supervisor who changes the policy, whoever tidies, and the clock do things in any
/// order; the database answers each time as a small model of what docs/SECURITY.md says does.
@Suite struct TemporaryModelTests {
    /// A reset that can be taken back, and what it took the place of.
    private struct Reset {
        var receipt: Int
        var replaced: String
        var until: Int
    }

    private struct Person {
        /// The stored hash; a name where tidying put one there that nobody knows.
        var hash: String
        /// The minute in which each hash that staff issued as temporary ends.
        var ends: [String: Int] = [:]
        /// Those that can be taken back, oldest first.
        var resets: [Reset] = []

        /// Somebody else than staff set a password, or its time had come.
        mutating func set(_ new: String) {
            hash = new
            resets = []
        }
    }

    @Test(arguments: 1...6) func everyOrderOfStepsIsAnsweredAsTheModelSays(seed: UInt64) async throws {
        let database = try await TestDatabase.withTemporaryPasswords()
        let (desk, service) = (try await database.session(), try database.selfService())
        let people = try await desk.people(2)
        try await database.haveMailSent()
        var model: [Person] = []
        for person in people { model.append(Person(hash: try await database.stored("password_hash", of: person))) }
        var (random, now, hours, expired) = (SeededNumbers(seed: seed), 0, 1, 0)
        for step in 0..<50 {
            let place = random.next(2)
            let person = people[place]
            let comment: Comment = "seed \(seed), step \(step), person \(place), minute \(now)"
            switch random.next(10) {
            case 0...2:
                let result = try await desk.perform(.generatePassword, on: person)
                let receipt = try #require(result.receipt, comment)
                let hash = try await database.stored("password_hash", of: person)
                #expect((receipt.temporaryUntil != nil) == (hours > 0), comment)
                if hours > 0 { model[place].ends[hash] = now + hours * 60 }
                model[place].resets.append(
                    Reset(receipt: receipt.sequence, replaced: model[place].hash, until: now + 15))
                model[place].hash = hash
            case 3...4:
                guard let last = model[place].resets.last else { break }
                let isOpen = last.until > now
                let result = try await desk.perform(.undo(receipt: last.receipt), on: person)
                #expect(result.rule == (isOpen ? nil : "undo_expired"), comment)
                model[place].resets.removeLast()
                if isOpen { model[place].hash = last.replaced } else { model[place].resets = [] }
            case 5:
                let hash = try newHash().text
                try await database.sql(
                    "UPDATE users_convonet SET password_hash = '\(hash)' WHERE id = '\(person.idText)'")
                model[place].set(hash)
                // Nothing of before comes back over it; what was kept is forgotten by the next change.
                try await database.sql(
                    "DELETE FROM convonet_admin.replaced_credential WHERE account_id = '\(person.idText)'")
            case 6:
                let hash = try newHash()
                let token = try await database.link(to: person.email, service).token
                let set = try await service.resetPassword(by: token, to: hash, from: "192.0.2.1", request: UUID())
                #expect(set?.receipt.outcome == .done, comment)
                model[place].set(hash.text)
            case 7:
                hours = random.next(3)
                try await database.setPolicy("temporary_password_hours = \(hours)")
            default:
                let minutes = [5, 20, 61][random.next(3)]
                now += minutes
                try await database.pass(minutes: minutes)
                if random.next(2) == 0 { try await service.tidy() } else { try await database.tidy() }
                for index in model.indices {
                    guard let end = model[index].ends[model[index].hash], end <= now else { continue }
                    let hash = try await database.stored("password_hash", of: people[index])
                    #expect(hash != model[index].hash, comment)
                    model[index].set(hash)
                    expired += 1
                }
                while let mail = try await service.nextMail() { try await service.end(mail, as: .sent) }
            }
            for (index, account) in people.enumerated() {
                #expect(try await database.stored("password_hash", of: account) == model[index].hash, comment)
                let left = try await database.minutesLeft(of: account)
                let end = model[index].ends[model[index].hash]
                #expect((left == nil) == (end == nil), comment)
                // The test itself takes time, too.
                if let left, let end { #expect((-2...0).contains(left - (end - now)), comment) }
            }
        }
        #expect(try await database.log().count { $0.action == "expire_password" && $0.outcome == "done" } == expired)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }
}
