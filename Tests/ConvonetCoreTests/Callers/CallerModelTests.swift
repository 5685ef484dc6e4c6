import AuditVerification
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// Two operators, two people, the application and the clock do things in any order; the database answers each time as a small
/// model of what docs/SECURITY.md says does.
@Suite struct CallerModelTests {
    /// A code as the model has it.
    private struct Code {
        var desk: Int
        var person: Int
        var address: Int
        var key = CallerKey()
        var digits: String?
        var tries = 0
        var isUsed = false
        /// Found to be for another address, by whom it was tried or sent.
        var isOutdated = false
        /// Nobody sends it any more.
        var isUnsendable = false
        /// Minutes of the model's clock.
        var askedAt: Int
        var expiresAt = Int.max
    }

    /// What is true of everything that was done so far.
    private struct Model {
        var now = 0
        var codes: [Code] = []
        var addresses = [0, 0]
        var proofs: [(desk: Int, person: Int, address: Int, at: Int)] = []

        func sendFault(_ person: Int) -> String? {
            codes.filter { $0.person == person && now - $0.askedAt < 60 }.count >= 3 ? "code_limit" : nil
        }

        /// The code that what this operator enters is held against.
        func current(_ desk: Int, _ person: Int) -> Int? {
            codes.lastIndex { $0.desk == desk && $0.person == person }
        }

        func fault(of index: Int?) -> String? {
            guard let index else { return "code_missing" }
            let code = codes[index]
            if code.isUsed { return "code_used" }
            if code.isOutdated || code.address != addresses[code.person] { return "code_outdated" }
            if codes.lastIndex(where: { $0.desk == code.desk }) != index { return "code_replaced" }
            if code.digits == nil { return "code_not_sent" }
            if code.expiresAt <= now { return "code_expired" }
            return code.tries >= 5 ? "code_tries" : nil
        }

        /// Whoever sends looks at each that is to be sent.
        mutating func lookAtMail() {
            for index in codes.indices where codes[index].digits == nil && !codes[index].isUnsendable {
                if now - codes[index].askedAt >= 10 {
                    codes[index].isUnsendable = true
                } else if let fault = fault(of: index), fault != "code_not_sent" {
                    codes[index].isUnsendable = true
                    codes[index].isOutdated = fault == "code_outdated"
                }
            }
        }

        func isProven(_ desk: Int, _ person: Int) -> Bool {
            proofs.contains {
                $0.desk == desk && $0.person == person && $0.address == addresses[person] && now - $0.at < 10
            }
        }
    }

    @Test(arguments: 1...8) func everyOrderOfStepsIsAnsweredAsTheModelSays(seed: UInt64) async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("verification_points = 3")
        let desks = [try await database.session(), try await database.session(.secondOperator)]
        let people = try await desks[0].people(2)
        let mailer = try database.selfService()
        var random = SeededNumbers(seed: seed)
        var model = Model()
        func now(_ person: Int) async throws -> Account {
            try #require(try await desks[0].accounts.account(id: people[person].id))
        }
        for step in 0..<70 {
            let (desk, person) = (random.next(2), random.next(2))
            let place: Comment = "seed \(seed), step \(step), operator \(desk), person \(person)"
            switch random.next(12) {
            case 0...2:
                let code = Code(desk: desk, person: person, address: model.addresses[person], askedAt: model.now)
                let result = try await desks[desk].callers.sendCode(to: try await now(person), key: code.key)
                #expect(result.rule == model.sendFault(person), place)
                if result.isDone { model.codes.append(code) }
            case 3...5:
                // Whoever sends takes all that is due; what is void by then goes to nobody.
                model.lookAtMail()
                while let mail = try await mailer.nextMail() {
                    guard case .callerCode(let sent, _) = mail.content else { continue }
                    let stored = try await database.sql(
                        "SELECT c.id FROM convonet_admin.caller_code c JOIN convonet_admin.mail_queue q ON q.code_id = c.id WHERE q.id = \(mail.number)"
                    )
                    let index = try #require(Int(stored)) - 1
                    #expect(model.fault(of: index) == "code_not_sent", place)
                    model.codes[index].digits = sent.digits
                    model.codes[index].expiresAt = model.now + 10
                    try await mailer.end(mail, as: .sent)
                }
            case 6...8:
                let index = model.current(desk, person)
                let fault = model.fault(of: index)
                let right = index.flatMap { model.codes[$0].digits }
                let isRight = random.next(3) == 0 && right != nil
                let entered = isRight ? right ?? "" : right == "000000" ? "000001" : "000000"
                let result = try await desks[desk].callers.verify(
                    try await now(person), code: entered, key: index.map { model.codes[$0].key })
                #expect(result.rule == fault ?? (isRight ? nil : "code_wrong"), place)
                if let index, fault == "code_outdated" { model.codes[index].isOutdated = true }
                guard fault == nil, let index else { break }
                model.codes[index].tries += 1
                if isRight {
                    model.codes[index].isUsed = true
                    model.proofs.append((desk, person, model.addresses[person], model.now))
                }
            case 9:
                let result = try await desks[desk].perform(.issuePIN, on: people[person])
                #expect(result.rule == (model.isProven(desk, person) ? nil : "caller_unproven"), place)
            case 10:
                // An address may come back.
                model.addresses[person] = random.next(3)
                let address =
                    model.addresses[person] == 0
                    ? people[person].email : "p\(person)-\(model.addresses[person])@example.org"
                try await database.sql(
                    "UPDATE users_convonet SET email = '\(address)' WHERE id = '\(people[person].idText)'")
            default:
                let minutes = [1, 4, 11, 61][random.next(4)]
                model.now += minutes
                try await database.sql(
                    """
                    UPDATE convonet_admin.caller_code SET created_at = created_at - interval '\(minutes) minutes',
                        expires_at = expires_at - interval '\(minutes) minutes',
                        proven_at = proven_at - interval '\(minutes) minutes';
                    UPDATE convonet_admin.mail_queue SET give_up_at = give_up_at - interval '\(minutes) minutes'
                    """)
            }
        }
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }
}
