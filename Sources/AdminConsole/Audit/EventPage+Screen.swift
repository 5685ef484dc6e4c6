import ConvonetCore
import PostgresClient
import TerminalKit

extension EventPage: Screen {
    private static let labelColumns = 16

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [(.search, "search", 2), (.back, "back", 10), (.palette, "all", 9)]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let rows = Console.bodyRows(buffer.size)
        let lines = lines(columns: buffer.size.columns)
        let top = min(top, max(0, lines.count - rows))
        for (offset, line) in lines.dropFirst(top).prefix(rows).enumerated() {
            buffer.write(
                line.label, column: 1, row: 1 + offset, style: line.isTitle ? .title : .dim,
                limit: line.isTitle ? nil : Self.labelColumns - 2)
            buffer.write(line.text, column: Self.labelColumns, row: 1 + offset)
        }
        if lines.count > top + rows {
            buffer.write(" ↓ more ", column: buffer.size.columns - 9, row: buffer.size.rows - 2, style: .accent)
        }
        buffer.cursor = Position(column: 1, row: 1)
    }

    /// The event in full; what only the program claims stands in a group that says so.
    func lines(columns: Int) -> [(label: String, text: String, isTitle: Bool)] {
        groups.enumerated().flatMap { place, group in
            let head: [(label: String, text: String, isTitle: Bool)] =
                (place == 0 ? [] : [("", "", false)]) + [(group.title, "", true)]
            return head
                + group.fields.flatMap { label, text in
                    TextWrap.lines(DisplayText.visible(text ?? "-"), columns: max(10, columns - Self.labelColumns - 1))
                        .enumerated().map { ($0.offset == 0 ? label : "", $0.element, false) }
                }
        }
    }

    var name: String { "receipt \(sequence)" }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: "It is already open."
        case .refresh: "An event never changes."
        case .filter, .sort, .clear, .verifyLog: "This is for the log (Esc)."
        case .accountHistory: account == nil ? nil : "You came from there (Esc)."
        case .auditLog: account == nil ? "You came from there (Esc)." : nil
        default: nil
        }
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        let rows = Console.bodyRows(shared.size)
        switch action {
        case .back, .quit: shared.close()
        case .up: scroll(by: -1, shared.size)
        case .down: scroll(by: 1, shared.size)
        case .pageUp: scroll(by: -rows / 2, shared.size)
        case .pageDown: scroll(by: rows / 2, shared.size)
        case .first: top = 0
        case .last: scroll(by: .max / 2, shared.size)
        default: break
        }
    }

    private mutating func scroll(by rows: Int, _ size: Size) {
        let last = max(0, lines(columns: size.columns).count - Console.bodyRows(size))
        top = min(max(0, min(top, last) + rows), last)
    }
}
