import AuditStatistics
import ConsoleParts
internal import ConsoleRequests
import TerminalKit

extension StatisticsPage {
    func table(columns: Int, _ display: Times.Display) -> Table {
        Table(columns: [
            Table.Column(
                title: selection.grouping.title, minimumColumns: 14, weight: 2, maximumColumns: 40,
                priority: 10),
            Table.Column(title: "Events", minimumColumns: 9, alignment: .trailing, priority: 9),
            Table.Column(title: "Done", minimumColumns: 9, alignment: .trailing, priority: 5),
            Table.Column(title: "Not done", minimumColumns: 9, alignment: .trailing, priority: 6),
            Table.Column(title: "", minimumColumns: 8, weight: 3, maximumColumns: 60, priority: 7),
        ])
    }

    func items(_ tally: AuditTally, _ shared: Shared, columns: Int) -> [Table.Item] {
        func number(_ count: Int) -> String { ListCount(count).text }
        let layout = table(columns: columns, shared.timeDisplay).layout(width: columns)
        // Where everything is told, a bar is nothing but noise.
        let room = shared.context.isLinear ? 0 : layout.first { $0.index == 4 }?.columns ?? 0
        let most = window.rows.map(\.events).max() ?? 0
        return [
            Table.Item(selection.grouping.words(tally.group)), Table.Item(number(tally.events)),
            Table.Item(number(tally.done)),
            Table.Item(number(tally.undone), style: tally.undone > 0 ? .caution : .plain),
            Table.Item(TallyBar.text(tally, of: most, columns: room), style: .accent),
        ]
    }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.open, "its events", 8), (.filter, "period", 7), (.refresh, "count again", 5), (.auditLog, "log", 4),
            (.back, "back", 10), (.palette, "all", 9),
        ]
    }

    /// By what can be counted, each with its key; the one that is shown in brackets.
    var notice: String? {
        AuditGrouping.allCases.enumerated().map { place, grouping in
            grouping == selection.grouping
                ? "[\(place + 1) \(grouping.rawValue)]" : "\(place + 1) \(grouping.rawValue)"
        }.joined(separator: "  ")
    }

    var noticeStyle: Style { .dim }

    func heading(_ shared: Shared) -> ListHeading {
        ListHeading(
            title: "Events of the \(selection.period.words)", empty: "There were none. f chooses another period.")
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let heading = heading(console.shared)
        let count = window.rows.reduce(0) { $0 + $1.events }
        // That there are none is what the list says.
        let isCounted = window.isLoaded && window.fetch == nil && count > 0
        let total = isCounted ? "\(ListCount(count).text) event\(count == 1 ? "" : "s")" : nil
        draw(
            into: &buffer, console, title: { _ in heading.title },
            status: [age(console), total, status(whileFetching: "counting…")], empty: heading.empty)
    }
}

extension AuditGrouping {
    fileprivate var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
