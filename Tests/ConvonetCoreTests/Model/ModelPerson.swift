import FoundationEssentials

/// An account as the model has it.
struct ModelPerson: Sendable {
    enum Column: Sendable { case password, pin }

    /// What a reset replaced.
    struct Kept: Sendable {
        var receipt: Int
        var desk: Int
        var column: Column
        var value: String?
        var until: Int
        /// The writing of the row after which it can be taken back.
        var edition: Int
        var coveredBy: Int?
    }

    /// A link, or a code that was read out.
    struct Link: Sendable {
        enum Origin: Sendable { case staff, person, schedule }

        var isForPIN = false
        var origin: Origin
        /// What it is bound to.
        var address: String
        var hash: String
        var pinChanges: Int
        var createdAt: Int
        var expiresAt: Int?
        var token: ModelToken?
        /// Of a code: its hash.
        var code: String?
        var tries = 0
        var isUsed = false
        var isVoid = false
        /// Its mail is given up then; nil for a code.
        var mailUntil: Int?
        var mailWaits = false
        var mailIsSent = false
    }

    /// A password that staff issued for a time.
    struct Temporary: Sendable {
        var until: Int
        var isOver = false
    }

    let id: UUID
    var email: String
    var hash: String
    var pin: String?
    var isActive = true
    var isGone = false
    var isFrozen = false
    var isReported = false
    /// How often the row was written, by whomever.
    var edition = 0
    /// How many events replaced a password or PIN, and how often the PIN changed.
    var credentials = 0
    var pinChanges = 0
    var kept: [Kept] = []
    /// What each receipt of staff replaced, and which were taken back.
    var receipts: [Int: Column] = [:]
    var undone: Set<Int> = []
    var temporary: [String: Temporary] = [:]
    var links: [Link] = []
    var wrongTries = 0
    var blockedUntil = 0
    /// By which event each column has what it has; nil where the application wrote it.
    var setters: [(column: Column, sequence: Int?)] = []
    /// What the watch noted, or the log already tells of it.
    var directChanges = 0

    var isExternal: Bool { !hash.hasPrefix("$2b$") }

    func page(version: String = "") -> ModelPage {
        if isGone { return ModelPage(isGone: true) }
        return ModelPage(
            version: version, email: email, isExternal: isExternal, hasPIN: pin != nil, isActive: isActive,
            credentials: credentials)
    }

    /// Why a link is no good.
    func fault(of link: Link, at now: Int) -> String? {
        if link.isUsed { return "link_used" }
        if link.isVoid { return "link_void" }
        let isOutdated = link.isForPIN ? link.pinChanges != pinChanges : link.hash != hash
        if link.address != email || isOutdated || isGone { return "link_outdated" }
        if let end = link.expiresAt, end <= now { return "link_expired" }
        return nil
    }

    /// Makes links and codes void, and says how many.
    @discardableResult
    mutating func revokeLinks(at now: Int) -> Int {
        var count = 0
        for index in links.indices where !links[index].isUsed && !links[index].isVoid {
            let link = links[index]
            let waits = link.mailWaits && (link.mailUntil ?? 0) > now
            guard link.expiresAt.map({ $0 > now }) ?? true || waits else { continue }
            links[index].isVoid = true
            count += 1
        }
        return count
    }

    /// The event by which a column has what it has; nil where that is the application's, or nobody's.
    func standing(_ column: Column) -> Int? {
        setters.last { setter in
            setter.column == column && !(setter.sequence.map(undone.contains) ?? false)
        }?.sequence
    }

    mutating func write(_ column: Column, _ value: String?) {
        switch column {
        case .password: hash = value ?? ""
        case .pin: pin = value
        }
        edition += 1
    }

    /// A password or PIN was replaced, with an event.
    mutating func replace(_ column: Column, by value: String?, sequence: Int) {
        write(column, value)
        credentials += 1
        if column == .pin { pinChanges += 1 }
        setters.append((column, sequence))
    }
}
