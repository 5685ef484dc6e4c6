import ConvonetCore
import PostgresClient
import TerminalKit

extension PersonPage {
    /// A line below the head.
    struct Line: Equatable {
        /// A text and where it begins.
        struct Part: Equatable {
            var column: Int
            var text: String
            var style: Style
        }

        var parts: [Part] = []
        /// Index of the line of recent activity that stands here.
        var entry: Int?
        var isTableHead = false
    }

    private static let activity = Table(columns: [
        Table.Column(title: "When", minimumColumns: Times.cellColumns, priority: 7),
        Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 20, priority: 9),
        Table.Column(title: "Outcome", minimumColumns: 12, weight: 2, maximumColumns: 26, priority: 8),
        Table.Column(title: "By", minimumColumns: 8, weight: 1, maximumColumns: 20, priority: 6),
        Table.Column(title: "Ticket", minimumColumns: 8, maximumColumns: 16, priority: 4),
        Table.Column(title: "Reason", minimumColumns: 12, weight: 4, priority: 3),
    ])

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.resetPassword, "password", 7), (.resetVoicePIN, "PIN", 7), (.sendLink, "link", 4),
            (.toggleActive, person.isActive ? "deactivate" : "activate", 4),
            (.toggleVerified, person.isVerified ? "unverify" : "verify", 2),
            (.revokeLinks, "revoke links", known.links.contains { $0.state == .sent || $0.state == .queued } ? 5 : 1),
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
            if line.isTableHead { Self.activity.drawHeader(layout, into: &buffer, rect: rect, style: .dim) }
            for part in line.parts { buffer.write(part.text, column: part.column, row: row, style: part.style) }
            guard let index = line.entry, entries.indices.contains(index) else { continue }
            let isSelected = index == selection
            Self.activity.drawRow(
                items(entries[index], console.shared), layout, into: &buffer, rect: rect, selected: isSelected)
            if isSelected { buffer.cursor = Position(column: 0, row: row) }
        }
        guard lines.count > rows else { return }
        let text = [top > 0 ? "↑" : "", top + rows < lines.count ? "↓" : ""].filter { !$0.isEmpty }.joined() + " more "
        buffer.write(text, column: size.columns - TextWidth.columns(of: text), row: size.rows - 2, style: .accent)
    }

    /// Rows for the lines below a head of so many.
    static func rows(_ size: Size, head: Int) -> Int { max(1, Console.bodyRows(size) - head) }

    /// Draws who it is and what must be noticed, and returns the rows that it took: at least the name is always seen.
    private func drawHead(into buffer: inout Buffer, in console: Console) -> Int {
        let head = head(buffer.size, console.shared)
        for (offset, line) in head.enumerated() {
            for part in line.parts { buffer.write(part.text, column: part.column, row: 1 + offset, style: part.style) }
        }
        return head.count
    }

    /// The facts and the recent activity.
    func lines(columns: Int, _ shared: Shared) -> [Line] {
        var lines = factLines(columns, shared)
        func text(_ text: String, _ style: Style) -> [Line] {
            TextWrap.lines(DisplayText.visible(text), columns: columns - 3).map {
                Line(parts: [Line.Part(column: 2, text: $0, style: style)])
            }
        }
        let entries = self.entries
        let count = [
            entries.isEmpty ? "" : "\(min(selection, entries.count - 1) + 1) of \(entries.count)", shown.rawValue,
        ]
        .filter { !$0.isEmpty }.joined(separator: ", ")
        lines.append(
            Line(parts: [
                Line.Part(column: 1, text: "Recent activity", style: .title),
                Line.Part(column: 19, text: count, style: .dim),
            ]))
        switch known.history {
        case .loading: lines += text("loading…", .dim)
        case .unavailable(let reason): lines += text(reason, .caution)
        case .entries where entries.isEmpty:
            lines += text(shown == .everything ? "Nothing yet." : "Nothing of this kind. f shows the next.", .dim)
        case .entries:
            lines.append(Line(isTableHead: true))
            lines += entries.indices.map { Line(entry: $0) }
        }
        return lines
    }

    private func items(_ entry: HistoryEntry, _ shared: Shared) -> [Table.Item] {
        [
            Table.Item(shared.times.cell(entry.occurredAt)), Table.Item(ActionName.words(entry.action)),
            OutcomeText.item(entry.outcome, entry.rule, of: entry.action),
            Table.Item(shared.viewer.name(entry.actor.databaseUser)),
            Table.Item(entry.ticket ?? "-"), Table.Item(entry.reason ?? "-"),
        ]
    }
}
