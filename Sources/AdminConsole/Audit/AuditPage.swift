import ConvonetCore

/// The log, newest first, perhaps of one account only; and one event of it in full.
struct AuditPage: Equatable, Sendable {
    /// Whose events are shown; nil: everybody's.
    var account: Account?
    var events: [AuditEvent] = []
    var hasMore = true
    /// The selected event's place in the log; bound to it, not to a row.
    var selectedSequence: Int?
    var top = 0
    /// The fetch that is under way.
    var request: Int?
    /// Whether the selected event is shown in full.
    var showsDetail = false
    /// First line of the event in full on the screen.
    var detailTop = 0

    var selectedIndex: Int? { selectedSequence.flatMap { number in events.firstIndex { $0.sequence == number } } }
    var selected: AuditEvent? { selectedIndex.map { events[$0] } }

    /// Adds older events.
    mutating func append(_ page: [AuditEvent], limit: Int) {
        let oldest = events.last?.sequence ?? .max
        events += page.filter { $0.sequence < oldest }
        hasMore = page.count == limit
        if selectedSequence == nil { selectedSequence = events.first?.sequence }
    }

    mutating func move(by rows: Int, visible: Int) {
        guard !events.isEmpty else { return }
        let index = min(max(0, (selectedIndex ?? 0) + rows), events.count - 1)
        selectedSequence = events[index].sequence
        top = min(max(top, index - visible + 1), index)
    }
}
