import FoundationEssentials
import PostgresClient
import TestDatabase

/// A difference between the database and the model.
struct ModelFailure: Error, CustomStringConvertible {
    let description: String
}

/// One interleaving: some moves by chance, each compared with the model, and then what must never be.
struct ModelInterleaving: Sendable {
    let seed: Int
    let model: ModelDatabase
    /// What may be so: more than one where two calls came at once, and nothing has told yet which was first.
    private var worlds: [ModelWorld]
    private var world: ModelWorld { worlds[0] }
    private var plans = ModelPlans()
    private var choice: ModelChoice
    private var lastSequence = 0
    private var story: [String] = []
    /// How often each move ended how.
    private(set) var counts: [String: Int] = [:]

    init(seed: Int, _ model: ModelDatabase) {
        (self.seed, self.model) = (seed, model)
        var random = SeededNumbers(seed: UInt64(seed))
        for _ in 0..<5 { _ = random.next(2) }
        let house = ModelHouse.random(&random)
        choice = ModelChoice(random: random, name: "model-\(seed)", pages: [[], []])
        let signsInElsewhere = choice.random.next(8) == 0
        var people: [ModelPerson] = []
        for place in 0..<2 {
            let hash = choice.hash()
            people.append(
                ModelPerson(
                    id: UUID(), email: "model-\(seed)-\(place)-0@example.org",
                    hash: place == 1 && signsInElsewhere ? "OAUTH_GOOGLE" : hash,
                    pin: place == 0 ? ModelPINs.free(seed) : nil))
        }
        worlds = [ModelWorld(house: house, people: people)]
    }

    /// Runs it; throws `ModelFailure` with what led there.
    mutating func run() async throws {
        do {
            try await model.open(world.people, world.house)
            try await look { _ in nil }
            for _ in 0..<(8 + choice.random.next(8)) { try await step() }
            try await sendMail()
            let broken = try await ModelInvariants.broken(world.people, world.house, model.sessions.superuser)
            if !broken.isEmpty { throw ModelFailure(description: "broken: \(broken) of docs/MODEL.md") }
            try await close()
        } catch {
            throw ModelFailure(
                description: """
                    seed \(seed) (CONVONET_MODEL_SEED=\(seed) repeats it), \(world.house)
                    \(story.joined(separator: "\n"))
                    \(error)
                    """)
        }
    }

    /// Takes its people away.
    func close() async throws { try await model.close(world.people) }

    /// One move, or two calls at once.
    private mutating func step() async throws {
        for _ in 0..<20 {
            let (turn, person, wish) = plans.next(&choice.random)
            guard let move = choice.move(wish, by: turn, on: person, world) else { continue }
            switch move {
            case .mail: return try await sendMail()
            case .tidy: return try await tidy()
            case .pass(let minutes): return try await pass(minutes)
            case .call(let call):
                if choice.random.next(7) == 0, let other = rival(of: call, turn) { return try await both(call, other) }
                try await one(call)
                // Whoever guesses often goes on.
                guard wish.isGuess, choice.random.next(3) == 0 else { return }
                for _ in 0..<5 {
                    guard case .call(let call)? = choice.move(wish, by: turn, on: person, world) else { return }
                    try await one(call)
                }
                return
            }
        }
    }

    /// Somebody else's call on the same account.
    private mutating func rival(of call: ModelCall, _ turn: ModelPlans.Turn) -> ModelCall? {
        let (other, _, wish) = plans.next(&choice.random)
        guard other != turn, case .call(let rival)? = choice.move(wish, by: other, on: call.person, world),
            rival.actor != call.actor, rival.request != call.request
        else { return nil }
        return rival
    }

    private mutating func one(_ call: ModelCall) async throws {
        let answer = try await send(call)
        story.append("\(call.actor) account \(call.person): \(call.verb) → \(answer.outcome)")
        try await look { world in
            let expected = world.carryOut(call, answer)
            return expected == answer.outcome ? nil : "must be \(expected)"
        }
        took(call, answer)
        count(world.marks)
    }

    /// Two calls at once: either may have come first.
    private mutating func both(_ call: ModelCall, _ other: ModelCall) async throws {
        async let first = send(call)
        async let second = send(other)
        let (answer, otherAnswer) = (try await first, try await second)
        story.append("at once, \(call.actor) account \(call.person): \(call.verb) → \(answer.outcome)")
        story.append("         \(other.actor) account \(other.person): \(other.verb) → \(otherAnswer.outcome)")
        let orders = [[(call, answer), (other, otherAnswer)], [(other, otherAnswer), (call, answer)]]
        try await look(
            orders.flatMap { order in
                [false, true].map { findsFirst in
                    { world in
                        (world.events, world.marks) = ([], [])
                        // Whose code is entered is looked for before the account is waited for.
                        if findsFirst, case .enterCode(let login, _, _) = order[1].0.verb {
                            world.foundCode = world.code(of: order[1].0.person, login)
                        }
                        let expected = order.map { world.further($0.0, $0.1) }
                        world.foundCode = nil
                        return expected == order.map(\.1.outcome) ? nil : "must be \(expected)"
                    }
                }
            })
        counts["at once", default: 0] += 1
        count(world.marks)
        took(call, answer)
        took(other, otherAnswer)
    }

    private func send(_ call: ModelCall) async throws -> ModelAnswer {
        let person = world.people[call.person]
        let answer = try await call.send(on: person.id, model.sessions)
        if answer.pin != nil, answer.outcome != .done { throw ModelFailure(description: "a PIN was given again") }
        return answer
    }

    private mutating func took(_ call: ModelCall, _ answer: ModelAnswer) {
        counts["\(call.label) \(answer.outcome.word)", default: 0] += 1
        guard answer.outcome == .done else { return }
        switch (call.actor, call.verb) {
        case (.desk, .askCallerCode), (.desk, .verifyCaller), (.desk, .decide), (.application, _): break
        case (.person, .askLink), (.person, .enterCode), (.person, .report): break
        default: choice.lastDone = call
        }
    }

    private mutating func pass(_ minutes: Int) async throws {
        story.append("\(minutes) minutes pass")
        try await model.pass(minutes, for: world.people)
        try await look { world in
            world.pass(minutes)
            return nil
        }
    }

    private mutating func tidy() async throws {
        story.append("somebody tidies")
        try await model.tidy(bySelfService: choice.random.next(2) == 0)
        try await look { world in
            world.tidy()
            return nil
        }
        count(world.events)
    }

    private mutating func sendMail() async throws {
        story.append("mail is sent")
        let waited = world.mails.indices.filter { world.mails[$0].state == .waiting }
        var taken: [ModelMail] = []
        while let mail = try await model.takeMail(isTaken: choice.random.next(10) > 0) { taken.append(mail) }
        try await look { $0.send(taken) }
        count(world.events + waited.map { "mail \(world.mails[$0].kind) \(world.mails[$0].state)" })
    }

    private mutating func count(_ names: [String]) {
        for name in names { counts[name.replacing(" refused ", with: " "), default: 0] += 1 }
    }

    private mutating func look(_ step: @escaping (inout ModelWorld) -> String?) async throws { try await look([step]) }

    /// Compares what is there with what must be, by each way in which it can have come about; what cannot be told apart yet
    /// shows later.
    private mutating func look(_ steps: [(inout ModelWorld) -> String?]) async throws {
        let picture = try await ModelPicture.take(
            world.people.map(\.id), after: lastSequence, model.sessions.superuser)
        var (possible, reasons): ([ModelWorld], [String]) = ([], [])
        for before in worlds {
            for step in steps {
                var after = before
                if let reason = step(&after) ?? after.difference(from: picture) {
                    reasons.append(reason)
                } else {
                    possible.append(after)
                }
            }
        }
        if possible.isEmpty { throw ModelFailure(description: reasons.joined(separator: ";\nor ")) }
        worlds = possible.count == 1 ? possible : ModelWorld.apart(possible)
        lastSequence = picture.lastSequence
        for place in world.people.indices {
            choice.pages[place].append(world.people[place].page(version: picture.people[place].version))
        }
    }
}
