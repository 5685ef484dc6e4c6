import AccountDisplay
import ConsoleParts
import ConvonetCore
import PostgresClient
import TerminalKit

extension PersonPage {
    /// What stands in a row below the head.
    enum Row: Equatable {
        case line(Line)
        case tableHead
        /// The line of recent activity of this index.
        case entry(Int)
    }

    static let activity = Table(columns: [
        Table.Column(title: "When", minimumColumns: Times.cellColumns, priority: 7),
        Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 20, priority: 9),
        Table.Column(title: "Outcome", minimumColumns: 12, weight: 2, maximumColumns: 26, priority: 8),
        Table.Column(title: "By", minimumColumns: 8, weight: 1, maximumColumns: 20, priority: 6),
        Table.Column(title: "Ticket", minimumColumns: 8, maximumColumns: 16, priority: 3),
        Table.Column(title: "Reason", minimumColumns: 12, weight: 4, priority: 4),
    ])

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.resetPassword, "password", 7), (.resetVoicePIN, "PIN", 7),
            (.verifyCaller, "caller", known.caller?.lacksProof == true ? 8 : 5), (.sendLink, "link", 4),
            (.toggleActive, person.isActive ? "deactivate" : "activate", 4),
            (.toggleVerified, person.isVerified ? "unverify" : "verify", 2),
            (.undo, "take back", known.undoable?.isEmpty == false ? 6 : 0), (.signOut, "sign out", 2),
            (.unblock, "unblock", known.obstacles?.blockedUntil == nil ? 0 : 6),
            (.unfreeze, "unfreeze", known.obstacles?.freeze == nil ? 0 : 6), (.freeze, "freeze", 1),
            (.revokeLinks, "revoke links", known.hasOpenLink == true ? 5 : 1),
            (.open, "details", 3), (.filter, "filter", 1), (.approvals, "approvals", known.approvals.isEmpty ? 1 : 8),
            (.accountHistory, "history", 3), (.copy, "copy", 3), (.previous, "] previous, next", 1),
            (.times, "times", 0), (.refresh, "reload", 2), (.search, "search", 6), (.auditLog, "log", 1),
            (.back, "back", 10), (.palette, "all", 9),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let size = buffer.size
        let head = drawHead(into: &buffer, in: console)
        let lines = lines(columns: size.columns, console.shared)
        let rows = Self.rows(size, head: head)
        let top = min(top, max(0, lines.count - rows))
        let layout = Self.activity.layout(width: size.columns)
        buffer.cursor = Position(column: 1, row: 1)
        for (offset, line) in lines.dropFirst(top).prefix(rows).enumerated() {
            let row = 1 + head + offset
            let rect = Rect(column: 0, row: row, columns: size.columns, rows: 1)
            switch line {
            case .line(let line): line.draw(into: &buffer, rect)
            case .tableHead: Self.activity.drawHeader(layout, into: &buffer, rect: rect, style: .dim)
            case .entry(let index):
                let isSelected = index == selection
                Self.activity.drawRow(
                    items(entries[index], console.shared), layout, into: &buffer, rect: rect, selected: isSelected
                )
                if isSelected { buffer.cursor = Position(column: 0, row: row) }
            }
        }
        buffer.drawMore(
            above: top > 0, below: top + rows < lines.count, endColumn: size.columns, row: size.rows - 2, style: .accent
        )
    }

    /// Rows for the lines below a head of so many.
    static func rows(_ size: Size, head: Int) -> Int { max(1, Console.bodyRows(size) - head) }

    /// Draws who it is and what must be noticed, and returns the rows that it took: at least the name is always seen.
    private func drawHead(into buffer: inout Buffer, in console: Console) -> Int {
        let head = head(buffer.size, console.shared)
        head.draw(into: &buffer, Rect(column: 0, row: 1, columns: buffer.size.columns, rows: head.count))
        return head.count
    }

    /// The facts and the recent activity.
    func lines(columns: Int, _ shared: Shared) -> [Row] {
        var lines = restOfNotices(columns, shared) + factLines(columns, shared)
        func text(_ text: String, _ style: Style) -> [Line] {
            Line.wrapped(text, style, from: 2, columns: columns - 3)
        }
        let entries = self.entries
        let count = [
            entries.isEmpty ? "" : "\(min(selection, entries.count - 1) + 1) of \(entries.count)", shown.rawValue,
        ]
        .filter { !$0.isEmpty }.joined(separator: ", ")
        lines.append(
            Line([
                Line.Part(column: 1, text: "Recent activity", style: .title),
                Line.Part(column: 19, text: count, style: .dim),
            ]))
        switch known.history {
        case .loading: lines += text("loading…", .dim)
        case .unavailable(let reason): lines += text(reason, .caution)
        case .known where entries.isEmpty:
            lines += text(shown == .everything ? "Nothing yet." : "Nothing of this kind. f shows the next.", .dim)
        case .known: return lines.map(Row.line) + [.tableHead] + entries.indices.map(Row.entry)
        }
        return lines.map(Row.line)
    }

    func items(_ entry: HistoryEntry, _ shared: Shared) -> [Table.Item] {
        [
            Table.Item(shared.times.cell(entry.occurredAt)), Table.Item(ActionName.words(entry.action)),
            OutcomeText.item(entry.outcome, entry.rule, of: entry.action),
            Table.Item(shared.viewer.name(entry.actor.databaseUser)),
            Table.Item(entry.ticket ?? "-"), Table.Item(entry.reason ?? "-"),
        ]
    }
}
