import TerminalKit

/// The keys, all of them, in one box that scrolls where the screen is too low for it.
struct HelpPage: Equatable, Sendable {
    /// The first line that is shown.
    var top = 0

    private static let keys: [(String, String)] = [
        ("↑ ↓ j k", "move"), ("PgUp PgDn", "a page"), ("Ctrl-U Ctrl-D", "half a page"), ("Home End g G", "the ends"),
        ("/", "search by e-mail, username, names or id"), ("Enter", "open the account"),
        ("p", "reset the password"), ("v", "reset the voice PIN"), ("r F5", "read anew"),
        ("Tab Shift-Tab", "next, previous field"), ("Ctrl-G", "let it be generated or issued"),
        ("Ctrl-R", "show what is typed for five seconds"), ("Ctrl-U", "in a field: empty it"),
        ("Esc Ctrl-C", "cancel: nothing is written"), ("q F10", "back, quit"), ("Ctrl-L", "paint anew"),
        ("Ctrl-Z", "suspend"), ("? : F1", "this page"),
    ]
    private static let columns = 58
    private static let keyColumns = 16

    private static func lines(_ columns: Int) -> [(String, String)] {
        keys.flatMap { key, meaning in
            TextWrap.lines(meaning, columns: max(8, columns - keyColumns)).enumerated().map {
                ($0.offset == 0 ? key : "", $0.element)
            }
        }
    }

    private static func room(_ size: Size) -> Int { min(columns, size.columns - 4) }
    private static func rows(_ size: Size) -> Int { min(lines(room(size)).count, size.rows - 3) }

    /// The last first line that makes sense.
    static func lastTop(_ size: Size) -> Int { max(0, lines(room(size)).count - rows(size)) }

    func draw(into buffer: inout Buffer) {
        let size = buffer.size
        let inner = Dialog(title: "Keys", columns: Self.columns, rows: Self.rows(size)).draw(into: &buffer)
        let shown = Self.lines(Self.room(size)).dropFirst(min(top, Self.lastTop(size))).prefix(inner.rows)
        for (offset, entry) in shown.enumerated() {
            let row = inner.row + offset
            buffer.write(entry.0, column: inner.column, row: row, style: .key, limit: Self.keyColumns - 1)
            buffer.write(
                entry.1, column: inner.column + Self.keyColumns, row: row,
                limit: max(0, inner.columns - Self.keyColumns))
        }
        buffer.cursor = Position(column: inner.column, row: inner.row)
    }

    func hints(_ size: Size) -> [Footer.Hint] {
        (Self.lastTop(size) > 0 ? [Footer.Hint("↑↓", "scroll", priority: 8)] : [])
            + [Footer.Hint("Esc", "close", priority: 9)]
    }
}

extension Console {
    mutating func updateHelp(_ key: Key) -> [Effect] {
        guard let page = help else { return [] }
        let step: Int? =
            switch key {
            case .up, .character("k"): -1
            case .down, .character("j"): 1
            case .pageUp: -Console.bodyRows(size)
            case .pageDown, .character(" "): Console.bodyRows(size)
            default: nil
            }
        let last = HelpPage.lastTop(size)
        help = step.map { HelpPage(top: min(max(0, min(page.top, last) + $0), last)) }
        return []
    }
}
