import FoundationEssentials

/// The settings under which an interleaving takes place.
struct ModelHouse: Sendable {
    var points = 0
    var protectedPoints = 0
    var temporaryHours = 0
    var undoMinutes = 15
    var notifies = false
    var isPasswordByLinkOnly = false
    var isPINByLinkOnly = false
    var allowsTyped = true
    /// Whether changes of the first account need a second person.
    var protects = false
    var tellsApprovers = false

    static func random(_ random: inout SeededNumbers) -> ModelHouse {
        ModelHouse(
            points: random.next(3) == 0 ? 3 : 0, protectedPoints: random.next(6) == 0 ? 3 : 0,
            temporaryHours: random.next(2), undoMinutes: random.next(8) == 0 ? 0 : 15, notifies: random.next(3) > 0,
            isPasswordByLinkOnly: random.next(15) == 0, isPINByLinkOnly: random.next(15) == 0,
            allowsTyped: random.next(10) > 0, protects: random.next(3) == 0, tellsApprovers: random.next(2) == 0)
    }
}

/// Everything that the model knows of one interleaving: pure values, which a step turns into others.
struct ModelWorld: Sendable {
    /// A code that goes to a caller.
    struct CallerCode: Sendable {
        var desk: Int
        var person: Int
        var address: String
        var askedAt: Int
        var code: ModelToken?
        var expiresAt = Int.max
        var tries = 0
        var provenAt: Int?
        /// Found to be for another address, or ended by a report: for good.
        var isOutdated = false
    }

    /// A mail that is queued, or was.
    struct Mail: Sendable {
        enum State: Sendable { case waiting, sent, failed, void }

        var kind: String
        var action = ""
        var person: Int
        var address: String
        var request: UUID
        var createdAt: Int
        var giveUpAt: Int
        /// Its link, among the person's; its caller's code; its approval.
        var link: Int?
        var code: Int?
        var approval: Int?
        /// The receipt that it tells of, and that which was taken back by it.
        var receipt: Int?
        var undoes: Int?
        var state = State.waiting
        /// What it carries, by which it can be reported.
        var token: ModelToken?
        var isReported = false
    }

    /// A request for approval.
    struct Approval: Sendable {
        enum State: Sendable { case requested, approved, denied, used }

        var id: Int
        var desk: Int
        var person: Int
        var action: String
        var page: ModelPage
        var points: Int
        var until: Int
        var state = State.requested
    }

    /// An event of something done that a mail may tell of.
    struct Done: Sendable {
        var person: Int
        var request: UUID
        var sequence: Int
        var link: Int?
        var column: ModelPerson.Column?
        var isBySelf = false
    }

    let house: ModelHouse
    /// Minutes of the model's clock.
    var now = 0
    var people: [ModelPerson]
    var codes: [CallerCode] = []
    var mails: [Mail] = []
    var approvals: [Approval] = []
    var done: [Done] = []
    /// What was done by which request: desk, action, account.
    var requests: [UUID: (desk: Int, action: String, person: Int)] = [:]
    /// What the step under way must have written to the log, but for what was changed past us.
    var events: [String] = []
    /// What the step under way came to that an outcome does not say, to be counted.
    var marks: [String] = []
    /// The code that somebody enters, where it was found before something else happened.
    var foundCode: Int?
    /// Every hash that was stored.
    var knownHashes: Set<String> = []
    /// Hashes that the server makes up, and that nobody knows: how many were expected.
    var unknownHashes = 0

    /// Stands for a hash that the server makes up.
    mutating func unknownHash() -> String {
        unknownHashes += 1
        return "$2b$unknown-\(unknownHashes)"
    }

    /// The server's hash in the place of what stood for it.
    mutating func learn(_ hash: String, of person: Int) {
        let placeholder = people[person].hash
        people[person].hash = hash
        people[person].temporary[hash] = people[person].temporary.removeValue(forKey: placeholder)
        for index in people[person].links.indices where people[person].links[index].hash == placeholder {
            people[person].links[index].hash = hash
        }
    }

    mutating func record(_ actor: String, _ action: String, _ outcome: ModelOutcome) {
        switch outcome {
        case .done, .refused, .conflict: events.append("\(actor) \(action) \(outcome)")
        case .replayed, .nothing, .gone: break
        }
    }

    /// Tells the person of a change, where the house does.
    mutating func notify(_ action: String, of person: Int, _ request: UUID, receipt: Int, undoes: Int? = nil) {
        guard house.notifies else { return }
        if let undoes, !mails.contains(where: { $0.kind == "notice" && $0.receipt == undoes }) { return }
        mails.append(
            Mail(
                kind: "notice", action: action, person: person, address: people[person].email, request: request,
                createdAt: now, giveUpAt: now + 3 * 24 * 60, receipt: receipt, undoes: undoes))
    }

    /// What somebody has proven to a desk, as far as it counts now.
    func points(_ desk: Int, _ person: Int) -> Int {
        let isProven = codes.contains { code in
            code.desk == desk && code.person == person && code.address == people[person].email
                && code.provenAt.map { now - $0 < 10 } ?? false
        }
        return isProven ? 3 : 0
    }

    func isProtected(_ person: Int) -> Bool { house.protects && person == 0 }

    func pointsNeeded(_ person: Int) -> Int {
        isProtected(person) ? max(house.points, house.protectedPoints) : house.points
    }
}
