public import ConvonetCore

/// Walks along the log and finds the first place where it does not hold together, or not with what was kept elsewhere.
public struct AuditChainVerifier: Sendable {
    /// The first thing that is wrong, if any.
    public private(set) var problem: AuditProblem?
    /// Whether the events do not hold together by themselves: then nothing behind that place says anything.
    public private(set) var isBroken = false
    /// What was kept elsewhere and the log does not hold, in the order of the log.
    public private(set) var missing: [AuditAnchor] = []
    /// The number of the event taken last.
    public private(set) var position: Int
    private let first: Int
    private var lastHash: [UInt8]?
    private var anchors: AnchorList

    /// How far around an event's number the one that it was written under is looked for.
    private static let searchDistance = 1000

    /// A verifier at the beginning of the log, or before event `first`, whose own link is then taken as it is.
    public init(from first: Int = 1, anchors: [AuditAnchor] = []) {
        self.first = first
        position = first - 1
        lastHash = first == 1 ? AuditHash.zero.bytes : nil
        self.anchors = AnchorList(anchors, from: first)
        if first == 1 { checkAnchors() }
    }

    /// How many events were walked along.
    public var count: Int { position - first + 1 }

    /// Takes the next event; they must come in the order of their sequence numbers.
    public mutating func take(_ hashed: HashedEvent) {
        guard !isBroken else { return }
        position += 1
        let isLinked = lastHash.map { hashed.event.previousHash == $0 } ?? true
        let isWhole = hashed.event.format == 1 && hashed.computedHash == hashed.event.hash
        if hashed.event.sequence != position {
            breaks(AuditProblem(sequence: position, kind: .missing))
        } else if !isWhole, let number = numberWritten(hashed.event) {
            breaks(AuditProblem(sequence: position, kind: .reordered, writtenAs: number))
        } else if !isLinked {
            breaks(AuditProblem(sequence: position, kind: .linkBroken))
        } else if !isWhole {
            breaks(AuditProblem(sequence: position, kind: .edited))
        }
        lastHash = hashed.event.hash
        if !isBroken { checkAnchors() }
    }

    /// Compares the end of the log with the head, and with anchors that lie behind it.
    public mutating func finish(headSequence: Int, headHash: [UInt8]) {
        guard !isBroken else { return }
        if headSequence > position {
            breaks(AuditProblem(sequence: position + 1, kind: .cutOff))
        } else if headSequence < position || (lastHash.map { headHash != $0 } ?? false) {
            breaks(AuditProblem(sequence: min(headSequence, position), kind: .headWrong))
        } else {
            let behind = anchors.takeRest()
            missing += behind
            if problem == nil, let anchor = behind.first {
                problem = AuditProblem(sequence: anchor.sequence, kind: .cutOff, accuser: anchor.origin)
            }
        }
    }

    private mutating func breaks(_ problem: AuditProblem) {
        isBroken = true
        self.problem = self.problem ?? problem
    }

    /// The events go on being walked along behind a contradiction: what else is missing, and whether they hold together, is
    /// what tells a failover from a forgery.
    private mutating func checkAnchors() {
        guard let next = anchors.next, next.sequence <= position, let hash = lastHash.flatMap(AuditHash.init) else {
            return
        }
        let liars = anchors.contradictions(at: position, hash: hash)
        missing += liars
        guard problem == nil, let liar = liars.first else { return }
        problem = AuditProblem(sequence: position, kind: .rewritten, accuser: liar.origin)
    }

    /// The number under which the event's fields give its hash, where it is near.
    private func numberWritten(_ event: AuditEvent) -> Int? {
        guard event.format == 1 else { return nil }
        var candidate = event
        for distance in 1...Self.searchDistance {
            // Without overflow: whoever could write the number could write any.
            for number in [event.sequence &+ distance, event.sequence &- distance] where number > 0 {
                candidate.sequence = number
                if candidate.computedHash == event.hash { return number }
            }
        }
        return nil
    }
}

/// Anchors in the order of the log, taken off as the walk passes them.
private struct AnchorList: Sendable {
    private let anchors: [AuditAnchor]
    private var index = 0

    init(_ anchors: [AuditAnchor], from first: Int) {
        // A checkpoint before lines of the journal: it says more.
        self.anchors = anchors.filter { $0.sequence >= first || (first == 1 && $0.sequence == 0) }
            .sorted { ($0.sequence, $0.origin == .journal ? 1 : 0) < ($1.sequence, $1.origin == .journal ? 1 : 0) }
    }

    var next: AuditAnchor? { index < anchors.count ? anchors[index] : nil }

    /// Passes all anchors of this event and gives back those that name another hash.
    mutating func contradictions(at sequence: Int, hash: AuditHash) -> [AuditAnchor] {
        var found: [AuditAnchor] = []
        while let anchor = next, anchor.sequence <= sequence {
            if anchor.hash != hash { found.append(anchor) }
            index += 1
        }
        return found
    }

    /// Passes all that are left, and gives them back.
    mutating func takeRest() -> [AuditAnchor] {
        defer { index = anchors.count }
        return Array(anchors[index...])
    }
}
