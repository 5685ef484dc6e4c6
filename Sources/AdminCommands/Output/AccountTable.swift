import ConvonetCore
import Glibc
import TerminalKit

/// Accounts in columns. On a terminal they fit its width: text is cut, and where there is no room the id is left out.
/// Elsewhere a TAB stands between the fields, and nothing is cut or filled up.
struct AccountTable {
    /// The terminal's columns; nil where the output is none.
    var terminalColumns: Int?
    private var layout: [Table.ResolvedColumn]?

    /// How those in it were found, where the first column says so.
    private let match: SearchMatch?

    private var headings: [String] { (match == nil ? [] : ["MATCH"]) + ["E-MAIL", "USERNAME", "NAME", "STATE", "ID"] }
    /// The least columns that a field makes sense in, and how soon it gives way.
    private var leasts: [Int] { (match == nil ? [] : [5]) + [16, 8, 10, 8, 36] }
    private var priorities: [Int] { (match == nil ? [] : [6]) + [5, 2, 4, 3, 1] }

    /// A table for standard output, or for so many columns.
    init(terminalColumns: Int? = TerminalWidth.ofStandardOutput, match: SearchMatch? = nil) {
        self.terminalColumns = terminalColumns
        self.match = match
    }

    /// A page of it, with the headings above the first.
    mutating func text(_ accounts: [Account]) -> String {
        let rows = accounts.map { account in
            ([match?.rawValue].compactMap { $0 }
                + [account.email, account.username, account.fullName, TextForms.states(account), account.idText])
                .map(DisplayText.visible)
        }
        let isFirst = layout == nil
        let layout = layout ?? resolved(rows)
        self.layout = layout
        return ((isFirst ? [headings] : []) + rows).map { line($0, layout) }.joined(separator: "\n")
    }

    private func line(_ fields: [String], _ layout: [Table.ResolvedColumn]) -> String {
        guard terminalColumns != nil else { return fields.joined(separator: "\t") }
        let cells = layout.map { TextWidth.padded(fields[$0.index], to: $0.columns) }
        return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }

    /// As wide as the widest of the first page, where there is room.
    private func resolved(_ rows: [[String]]) -> [Table.ResolvedColumn] {
        guard let terminalColumns else { return [] }
        let columns = headings.indices.map { index in
            let widest = ([headings] + rows).map { TextWidth.columns(of: $0[index]) }.max() ?? 0
            let least = min(leasts[index], widest)
            return Table.Column(
                title: headings[index], minimumColumns: least, weight: widest - least, maximumColumns: widest,
                priority: priorities[index])
        }
        // A table of the console begins with two cells for its mark, which is not needed here.
        return Table(columns: columns).layout(width: terminalColumns + 2)
    }
}

/// How wide a terminal is.
enum TerminalWidth {
    /// The columns of the terminal that standard output is; nil where it is none.
    static var ofStandardOutput: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// How a search found somebody.
enum SearchMatch: String {
    /// They have all the words.
    case exact
    /// Their names sound or are typed like the words, which nobody has.
    case alike
}
