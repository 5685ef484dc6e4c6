import ConvonetCore
import PostgresClient
import TerminalKit

extension AuditPage {
    private static let wholeTable = Table(columns: [
        Table.Column(title: "Receipt", minimumColumns: 7, alignment: .trailing, priority: 8),
        Table.Column(title: "When", minimumColumns: 16, priority: 5),
        Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 20, priority: 6),
        Table.Column(title: "Outcome", minimumColumns: 8, weight: 3, maximumColumns: 34, priority: 9),
        Table.Column(title: "For", minimumColumns: 18, weight: 4, maximumColumns: 48, priority: 8),
        Table.Column(title: "By", minimumColumns: 8, weight: 2, maximumColumns: 40, priority: 4),
    ])

    /// The same for one account, whose name stands in the title.
    private static let historyTable = Table(
        columns: wholeTable.columns.map { column in
            var column = column
            if column.title == "For" { column.title = "Ticket and reason" }
            return column
        })

    func table(columns: Int) -> Table { account == nil ? Self.wholeTable : Self.historyTable }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.open, "open", 8), (.filter, "filter", 7), (.clear, "clear", 6), (.verifyLog, "verify", 5),
            (.refresh, "refresh", 4), (.search, "search", 2), (.back, "back", 10), (.palette, "keys", 9),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let status = [console.verification?.shortText, status()].compactMap { $0 }.filter { !$0.isEmpty }
            .joined(separator: "; ")
        let statusColumns = TextWidth.columns(of: status)
        let columns = buffer.size.columns
        let room = columns - statusColumns - 4
        if room >= 7 {
            buffer.write(TextWidth.fitted(title(columns: room), to: room), column: 1, row: 1, style: .title)
        }
        buffer.write(
            status, column: columns - statusColumns - 1, row: 1, style: console.verification?.style ?? .plain)
        drawRows(into: &buffer, now: console.now)
        if window.rows.isEmpty, window.fetch == nil {
            let text =
                !window.isLoaded
                ? "Not loaded." : filter.isEmpty ? "Nothing yet." : "No event matches the filter. Press c to clear it."
            buffer.write(text, column: 2, row: 4, style: .dim, limit: columns - 3)
        }
    }

    private func title(columns: Int) -> String {
        if !filter.isEmpty {
            return (account.map { "For \($0.email): " } ?? "Log: ") + filter.words(of: selection)
        }
        guard let account else {
            let full = "The log of everything, newest first"
            return TextWidth.columns(of: full) <= columns ? full : "The log"
        }
        return "What was done to \(account.fullName) <\(account.email)>"
    }

    func items(_ event: AuditEvent, now: Timestamp) -> [Table.Item] {
        let style: Style = event.outcome == "done" ? .good : .caution
        return [
            Table.Item(String(event.sequence)), Table.Item(String(event.occurredAt.localText.prefix(16))),
            Table.Item(ActionName.words(event.action)),
            Table.Item(event.outcome + (event.rule.map { ": " + RuleName.words($0) } ?? ""), style: style),
            Table.Item(account == nil ? event.accountEmail ?? "-" : why(event)),
            Table.Item(event.actor),
        ]
    }

    /// Ticket and reason, in the place of whom it was for where that is always the same person.
    private func why(_ event: AuditEvent) -> String {
        let parts = [event.ticket, event.reason].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? "-" : parts.joined(separator: ": ")
    }
}
