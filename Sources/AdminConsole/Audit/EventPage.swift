import AccountDisplay
import ConvonetCore
import PostgresClient
import TerminalKit

/// One event in full.
struct EventPage: Screen {
    let event: EventFacts
    /// The person whose history it was opened from.
    let account: Account?
    /// First line on the screen.
    var top = 0

    init(_ event: AuditEvent, of account: Account?, _ viewer: Viewer) {
        (self.event, self.account) = (EventFacts(event, viewer), account)
    }

    init(_ entry: HistoryEntry, of account: Account, _ viewer: Viewer) {
        (self.event, self.account) = (EventFacts(entry, of: account, viewer), account)
    }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [(.times, "times", 1), (.search, "search", 2), (.back, "back", 10), (.palette, "all", 9)]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let rows = Console.bodyRows(buffer.size)
        let lines = event.lines(columns: buffer.size.columns, console.shared.times)
        let top = min(top, max(0, lines.count - rows))
        lines.dropFirst(top).draw(
            into: &buffer, Rect(column: 1, row: 1, columns: buffer.size.columns - 2, rows: rows))
        buffer.drawMore(
            above: top > 0, below: lines.count > top + rows, endColumn: buffer.size.columns, row: buffer.size.rows - 2,
            style: .accent)
        buffer.cursor = Position(column: 1, row: 1)
    }

    var name: String { "receipt \(event.sequence)" }

    var actions: Set<ConsoleAction> { [] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .accountHistory: account == nil ? nil : "You came from there (Esc)."
        case .auditLog: account == nil ? "You came from there (Esc)." : nil
        default: nil
        }
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        let rows = Console.bodyRows(shared.size)
        switch action {
        case .back, .quit: shared.close()
        case .up: scroll(by: -1, shared)
        case .down: scroll(by: 1, shared)
        case .pageUp: scroll(by: -rows / 2, shared)
        case .pageDown: scroll(by: rows / 2, shared)
        case .first: top = 0
        case .last: scroll(by: .max / 2, shared)
        default: break
        }
    }

    private mutating func scroll(by rows: Int, _ shared: Shared) {
        let last = max(0, event.lines(columns: shared.size.columns, shared.times).count - Console.bodyRows(shared.size))
        top = min(max(0, min(top, last) + rows), last)
    }
}
