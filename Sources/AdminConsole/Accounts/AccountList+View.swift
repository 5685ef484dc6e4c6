import AccountDisplay
import ConsoleParts
import ConvonetCore
import PostgresClient
import SearchText
import TerminalKit

extension AccountList {
    func table(columns: Int, _ display: Times.Display) -> Table {
        guard showsAlike else {
            return AccountColumn.table(shownColumns(columns), selection.order, columns: columns, display)
        }
        let rest = columns - Self.alike.minimumColumns - 2
        var table = AccountColumn.table(shownColumns(rest), selection.order, columns: rest, display)
        table.columns.insert(Self.alike, at: 0)
        return table
    }

    /// Marks those who are only alike.
    private static let alike = Table.Column(title: "", minimumColumns: 5, priority: .max)

    func shownColumns(_ columns: Int) -> [AccountColumn] {
        AccountColumn.shown(self.columns, selection.order, columns: columns)
    }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        // The same for everybody: else much of the footer would be sent again as the cursor moves.
        [
            (.open, "open", 7), (.resetPassword, "password", 8), (.resetVoicePIN, "PIN", 8), (.sendLink, "link", 3),
            (.toggleActive, "(de)activate", 2), (.search, "search", 8),
            (.filter, "filter", 4), (.sort, "sort", 3), (.clear, "clear", 5), (.approvals, "approvals", 2),
            (.accountHistory, "history", 2), (.auditLog, "log", 1), (.copy, "copy", 2), (.columns, "columns", 0),
            (.mark, "mark", 0),
            (.times, "times", 0), (.refresh, "reload", 1),
            (.back, marks.isEmpty || !search.isEmpty ? "clear search" : "marks off", 9),
            (.palette, "all", 9), (.quit, "quit", 10),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let filters = selection.filters.map(\.words)
        drawSearchLine(
            into: &buffer, filters: filters,
            title: { _ in
                filters.isEmpty ? "All accounts" : "Filter  " + filters.map { "[\($0) ×]" }.joined(separator: " ")
            },
            status: status(console, columns: buffer.size.columns))
        let words = selection.words
        let beside = Preview.columns(buffer.size)
        // A blank before the line between the two.
        let columns = buffer.size.columns - beside - (beside > 0 ? 1 : 0)
        drawRows(into: &buffer, console, columns: columns, showsCursor: !isSearching) {
            words.isEmpty ? [] : SearchFold.places(of: words, in: $0)
        }
        drawMarks(into: &buffer)
        if beside > 0 {
            let area = Rect(
                column: buffer.size.columns - beside, row: 2, columns: beside, rows: Console.bodyRows(buffer.size) - 1)
            if account != nil { preview?.draw(into: &buffer, area, console) }
        }
        drawEmpty(emptyText, into: &buffer)
    }

    func heading(_ shared: Shared) -> ListHeading {
        let limits = [selection.words.isEmpty ? nil : "search “\(selection.text)”"] + selection.filters.map(\.words)
        let said = limits.compactMap { $0 }.joined(separator: ", ")
        let order = selection.order == AccountSelection().order ? "" : ", sorted by \(selection.order.words)"
        return ListHeading(
            title: (said.isEmpty ? "All accounts" : "Accounts limited by \(said)") + order, empty: emptyText)
    }

    /// Whether there is somebody, and the filters alone are in the way.
    var isHiddenByFilters: Bool {
        showsAnswer && window.rows.isEmpty && (unfiltered?.number ?? 0) > 0
    }

    private var emptyText: String {
        if selection.isEverybody { return "There are no accounts." }
        if selection.words.isEmpty { return "Nobody matches the filter. c clears it." }
        if let unfiltered, isHiddenByFilters {
            return NobodyFound.hidden(unfiltered, by: selection.filters)
                + (isSearching ? ": Tab, then c clears " : ": c clears ")
                + (selection.filters.count == 1 ? "it." : "them.")
        }
        let nobody = "Nobody matches “\(selection.text)”" + (selection.filters.isEmpty ? "." : " within the filter.")
        return ([nobody] + NobodyFound.rules(of: selection)).joined(separator: " ")
    }

    func items(_ account: Account, _ shared: Shared, columns: Int) -> [Table.Item] {
        func items(_ columns: Int) -> [Table.Item] {
            shownColumns(columns).map { $0.item(account, teams[account.id], shared.times) }
        }
        guard showsAlike else { return items(columns) }
        return [Table.Item("alike", style: .caution)] + items(columns - Self.alike.minimumColumns - 2)
    }

    /// The most that can be said beside a search that can still be read.
    private func status(_ console: Console, columns: Int) -> String {
        let count = marks.isEmpty ? nil : "\(marks.people.count) marked"
        let whole = [count, age(console), status(isBrief: false)].compactMap { $0 }.filter { !$0.isEmpty }.joined(
            separator: "; ")
        let brief = [count, status(isBrief: true)].compactMap { $0 }.joined(separator: "; ")
        return fittingStatus([whole, brief] + (count.map { [$0] } ?? []), columns: columns)
    }

    /// Where the selection is among how many, and how many the filters hide: `1 of 3, 2 filtered out`.
    private func status(isBrief: Bool) -> String {
        let isSearch = !selection.isEverybody
        let place = status(whileFetching: isSearch ? "searching…" : "loading…")
        guard window.fetch == nil, showsAnswer, let total = window.total, total.number > 0 else { return place }
        guard let position = window.position else { return "\(total.text) people" }
        guard isSearch, !isBrief else { return place }
        let words = selection.words.contains(where: SearchFold.matchesBeginningsOnly) ? " (starts of words)" : ""
        let whole = "\(position.text) of \(total.text)\(words)"
        guard let unfiltered, unfiltered.precision == .exact, total.precision == .exact,
            unfiltered.number > total.number
        else { return whole }
        return "\(whole), \(ListCount(unfiltered.number - total.number).text) filtered out"
    }
}
