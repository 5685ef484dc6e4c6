/// What is wrong with the log, and where first.
public struct AuditProblem: Equatable, Sendable {
    /// What it means.
    public enum Kind: String, Equatable, Sendable {
        /// An event of this number is not there.
        case missing
        /// The event does not follow from the one before it.
        case linkBroken = "replaced"
        /// The event's fields do not give its hash.
        case edited
        /// The event was written under another number.
        case reordered
        /// The events from this number on were cut off.
        case cutOff = "cut_off"
        /// The head does not point at the last event.
        case headWrong = "head_wrong"
        /// There is no head.
        case headMissing = "head_missing"
        /// The log holds together, but not with what was kept elsewhere.
        case rewritten
    }

    /// The first bad sequence number.
    public var sequence: Int
    /// What is wrong there.
    public var kind: Kind
    /// The number under which a re-ordered event was written.
    public var writtenAs: Int?
    /// Who says so, where it is not the log itself.
    public var accuser: AuditAnchor.Origin?

    /// A problem.
    public init(sequence: Int, kind: Kind, writtenAs: Int? = nil, accuser: AuditAnchor.Origin? = nil) {
        self.sequence = sequence
        self.kind = kind
        self.writtenAs = writtenAs
        self.accuser = accuser
    }

    /// The problem in words.
    public var text: String {
        switch (kind, accuser) {
        case (.missing, _): "event \(sequence) is missing: it was deleted, or events were renumbered"
        case (.linkBroken, _): "event \(sequence) does not match the one before it: one of the two was replaced"
        case (.edited, _): "event \(sequence) was edited after it was written"
        case (.reordered, _):
            "event \(sequence) was written as event \(writtenAs ?? 0): events were reordered, or some were deleted or "
                + "inserted and the rest renumbered"
        case (.headWrong, _):
            "the log's head does not match its last event: events were added from outside, or the head was changed"
        case (.headMissing, _): "the log's head is gone: someone deleted it, and perhaps events with it"
        case (.cutOff, nil): "the log ends before event \(sequence): its end was cut off"
        case (.cutOff, .checkpoint):
            "the checkpoint names event \(sequence), but the log ends before it: its end was cut off and the head set back, or "
                + "a failover lost it"
        case (.cutOff, .journal):
            "a journal line names event \(sequence), but the log ends before it: its end was cut off and the head set back, a "
                + "failover lost it, or the line is false (anyone can write one)"
        case (.rewritten, .journal):
            "the chain is intact, but event \(sequence) is not the one that a journal line names: the log was rewritten from "
                + "there or earlier, a failover lost that event, or the line is false (anyone can write one)"
        case (.rewritten, _):
            "the chain is intact, but event \(sequence) is not the one that the checkpoint names: the log was rewritten from "
                + "there or earlier, or a failover lost that event"
        }
    }
}
