import AccountDisplay
import ConsoleParts
internal import ConsoleRequests
import ConvonetCore
import PostgresClient
import TerminalKit

extension ApprovalList {
    private static let columns = Table(columns: [
        Table.Column(title: "No.", minimumColumns: 5, alignment: .trailing, priority: 2),
        Table.Column(title: "State", minimumColumns: 9, priority: 6),
        Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 22, priority: 9),
        Table.Column(title: "For", minimumColumns: 22, weight: 6, maximumColumns: 48, priority: 10),
        Table.Column(title: "Asked by", minimumColumns: 8, weight: 1, maximumColumns: 24, priority: 7),
        Table.Column(title: "When", minimumColumns: Times.cellColumns, priority: 3),
        Table.Column(title: "Ticket and reason", minimumColumns: 12, weight: 3, priority: 4),
    ])

    func table(columns: Int, _ display: Times.Display) -> Table { Self.columns }

    func items(_ request: ApprovalRequest, _ shared: Shared, columns: Int) -> [Table.Item] {
        let style: Style =
            switch request.state {
            case .requested: .caution
            case .approved, .used: .good
            case .denied, .expired, .outdated: .dim
            }
        let why = [request.ticket, request.reason].compactMap { $0 }.joined(separator: ": ")
        return [
            Table.Item(String(request.id)), Table.Item(request.state.rawValue, style: style),
            Table.Item(ActionName.words(request.action)), Table.Item(request.accountEmail),
            Table.Item(shared.viewer.name(request.requestedBy)),
            Table.Item(shared.times.cell(request.requestedAt)), Table.Item(why.isEmpty ? "-" : why),
        ]
    }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.open, "decide", 8), (.openAccount, "their page", 5),
            (.filter, selection.showsAll ? "pending only" : "show all", 6),
            (.refresh, "reload", 7),
            (.search, "search people", 2), (.times, "times", 1), (.back, "back", 10), (.palette, "all", 9),
        ]
    }

    func heading(_ shared: Shared) -> ListHeading {
        ListHeading(
            title: selection.showsAll ? "All requests for approval" : "Open requests for approval",
            empty: emptyText(shared))
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let heading = heading(console.shared)
        draw(
            into: &buffer, console, title: { _ in heading.title },
            status: console.shared.isDeciding ? ["saving…"] : [reports(console.shared), age(console), status()],
            empty: heading.empty)
    }

    private func emptyText(_ shared: Shared) -> String {
        if selection.showsAll { return "There are no requests." }
        if reports(shared) == nil { return "Nothing is pending. f shows all." }
        return "No requests. Who said “not me”: Esc, then f and frozen."
    }

    private func reports(_ shared: Shared) -> String? {
        shared.context.mayDecide ? shared.approvals.found?.reportsText.map { "! \($0)" } : nil
    }
}
