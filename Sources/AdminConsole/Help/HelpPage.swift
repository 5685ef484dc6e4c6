import TerminalKit

/// The keys, all of them, on one page.
enum HelpPage {
    private static let keys: [(String, String)] = [
        ("↑ ↓ j k", "move"), ("PgUp PgDn", "a page"), ("Ctrl-U Ctrl-D", "half a page"), ("Home End g G", "the ends"),
        ("/", "search by e-mail, username, names or id"), ("Enter", "open the account"),
        ("p", "reset the password"), ("v", "reset the voice PIN"), ("r F5", "read anew"),
        ("Tab Shift-Tab", "next, previous field"), ("Ctrl-G", "let it be generated or issued"),
        ("Ctrl-R", "show what is typed for five seconds"), ("Ctrl-U", "empty the field"),
        ("Esc Ctrl-C", "cancel: nothing is written"), ("q F10", "back, quit"), ("Ctrl-L", "paint anew"),
        ("Ctrl-Z", "suspend"), ("? : F1", "this page"),
    ]

    static func draw(into buffer: inout Buffer) {
        let inner = Dialog(title: "Keys", columns: 58, rows: keys.count).draw(into: &buffer)
        for (offset, entry) in keys.prefix(inner.rows).enumerated() {
            buffer.write(entry.0, column: inner.column, row: inner.row + offset, style: .key, limit: 15)
            buffer.write(
                entry.1, column: inner.column + 16, row: inner.row + offset, limit: max(0, inner.columns - 16))
        }
        buffer.cursor = Position(column: inner.column, row: inner.row)
    }
}
