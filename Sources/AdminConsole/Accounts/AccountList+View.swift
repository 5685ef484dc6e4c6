import AccountDisplay
import ConvonetCore
import PostgresClient
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
            (.times, "times", 0), (.refresh, "reload", 1), (.back, "clear search", 9),
            (.palette, "all", 9), (.quit, "quit", 10),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        drawSearchLine(into: &buffer, console)
        let words = selection.words
        let beside = Preview.columns(buffer.size)
        // A blank before the line between the two.
        let columns = buffer.size.columns - beside - (beside > 0 ? 1 : 0)
        drawRows(into: &buffer, console, columns: columns, showsCursor: !isSearching) {
            words.isEmpty ? [] : SearchFold.places(of: words, in: $0)
        }
        if beside > 0 {
            let area = Rect(
                column: buffer.size.columns - beside, row: 2, columns: beside, rows: Console.bodyRows(buffer.size) - 1)
            if account != nil { preview?.draw(into: &buffer, area, console) }
        }
        drawEmpty(emptyText, into: &buffer)
    }

    private var emptyText: String {
        if selection.isEverybody { return "There are no accounts." }
        if selection.words.isEmpty { return "Nobody matches the filter. c clears it." }
        if let unfiltered, unfiltered.number > 0 {
            return
                "\(unfiltered.text) hidden by the filter “\(selection.filters.map(\.words).joined(separator: "; "))”. c clears it."
        }
        return "Nobody matches “\(selection.text)”" + (selection.filters.isEmpty ? "." : " within the filter.")
    }

    func items(_ account: Account, _ shared: Shared, columns: Int) -> [Table.Item] {
        func items(_ columns: Int) -> [Table.Item] {
            shownColumns(columns).map { $0.item(account, teams[account.id], shared.times) }
        }
        guard showsAlike else { return items(columns) }
        return [Table.Item("alike", style: .caution)] + items(columns - Self.alike.minimumColumns - 2)
    }

    private func drawSearchLine(into buffer: inout Buffer, _ console: Console) {
        let status = status(console, columns: buffer.size.columns)
        let statusColumns = TextWidth.columns(of: status)
        let room = buffer.size.columns - statusColumns - 4
        let chips = selection.filters.map { "[\($0.words) ×]" }.joined(separator: " ")
        if isSearching || !search.isEmpty {
            buffer.write("Search", column: 1, row: 1, style: .title)
            let shownChips = chips.isEmpty ? "" : " " + TextWidth.fitted(chips, to: max(0, room / 2 - 8))
            let fieldColumns = min(48, max(8, room - 8 - TextWidth.columns(of: shownChips)))
            search.draw(into: &buffer, column: 8, row: 1, columns: fieldColumns, focused: isSearching)
            buffer.write(
                shownChips, column: 8 + fieldColumns, row: 1, style: .title, limit: max(0, room - fieldColumns))
        } else {
            let title = selection.filters.isEmpty ? "All accounts" : "Filter  " + chips
            buffer.write(TextWidth.fitted(title, to: room), column: 1, row: 1, style: .title)
        }
        buffer.write(status, column: buffer.size.columns - statusColumns - 1, row: 1)
    }

    /// The most that can be said beside a search that can still be read.
    private func status(_ console: Console, columns: Int) -> String {
        let whole = [age(console), status(isBrief: false)].compactMap { $0 }.filter { !$0.isEmpty }.joined(
            separator: "; ")
        let room = columns - (isSearching || !search.isEmpty ? 28 : 14)
        for text in [whole, status(isBrief: true)] where TextWidth.columns(of: text) <= room { return text }
        return window.position?.text ?? ""
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
