internal import AccountDisplay
import ConsoleParts
import ConvonetCore
import PostgresClient
import TerminalKit

extension EventPage: EventScreen {
    private static let labelColumns = 15

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.openAccount, "account", 7), (.times, "times", 1), (.search, "search people", 2), (.back, "back", 10),
            (.palette, "all", 9),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let rows = Console.bodyRows(buffer.size)
        let lines = lines(columns: buffer.size.columns, console.shared.times)
        let top = min(top, max(0, lines.count - rows))
        lines.dropFirst(top).draw(
            into: &buffer, Rect(column: 1, row: 1, columns: buffer.size.columns - 2, rows: rows))
        buffer.drawMore(
            above: top > 0, below: lines.count > top + rows, endColumn: buffer.size.columns, row: buffer.size.rows - 2,
            style: .accent)
        buffer.cursor = Position(column: 1, row: 1)
    }

    /// The event in full.
    func lines(columns: Int, _ times: Times) -> [Line] {
        groups(times).enumerated().flatMap { place, group in
            (place == 0 ? [] : [Line.blank]) + [Line(group.title, .title)]
                + Line.facts(
                    group.fields.map { Line.Fact($0.label, $0.text ?? "-") }, labels: Self.labelColumns,
                    columns: columns - 2)
        }
    }

    var name: String { "receipt \(sequence)" }

    /// As of the log: where a person is shown, keys are for them.
    var actions: Set<ConsoleAction> { account == nil ? [.openAccount] : [] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .openAccount where account == nil: unavailability(ofAccount: accountID, in: console)
        case .accountHistory: account == nil ? nil : "You came from there (Esc)."
        case .auditLog: account == nil ? "You came from there (Esc)." : nil
        default: nil
        }
    }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool { waitsForAccount(key, &shared) }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        let rows = Console.bodyRows(shared.size)
        switch action {
        case .back, .quit: shared.close()
        case .openAccount: openAccount(accountID, &shared)
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
        let last = max(0, lines(columns: shared.size.columns, shared.times).count - Console.bodyRows(shared.size))
        top = min(max(0, min(top, last) + rows), last)
    }
}
