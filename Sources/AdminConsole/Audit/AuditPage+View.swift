import AccountDisplay
import ConsoleParts
import ConvonetCore
import PostgresClient
import SearchText
import TerminalKit

extension AuditPage {
    private var columns: [EventColumn] { EventColumn.shown(isHistory: account != nil) }

    func table(columns: Int, _ display: Times.Display) -> Table {
        Table(columns: self.columns.map { $0.column(isHistory: account != nil) })
    }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.open, "open", 8), (.openAccount, "account", 7), (.search, "search", 7), (.filter, "filter", 6),
            (.clear, "clear", 6), (.verifyLog, "verify", 5), (.statistics, "statistics", 3), (.refresh, "reload", 4),
            (.times, "times", 1),
            (.back, search.isEmpty ? "back" : "end search", 10), (.palette, "all", 9),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let (shared, words) = (console.shared, selection.words)
        let verification = shared.verification
        let place = status(whileFetching: words.isEmpty ? "loading…" : "searching…")
        func joined(_ texts: String?...) -> String {
            texts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; ")
        }
        let status = [
            joined(verification?.shortText, age(console), place), joined(verification?.shortText, place),
            verification?.shortText ?? place,
        ]
        drawSearchLine(
            into: &buffer, filters: filter.isEmpty ? [] : [filter.words(of: selection, shared.times)],
            title: { title(columns: $0, shared.times) }, status: fittingStatus(status, columns: buffer.size.columns),
            verification?.style ?? .plain)
        drawRows(into: &buffer, console, showsCursor: !isSearching) { SearchFold.places(of: words, in: $0) }
        drawEmpty(emptyText, into: &buffer)
    }

    private var emptyText: String {
        if selection.words.isEmpty {
            return filter.isEmpty ? "Nothing yet." : "No event matches the filter. c clears it."
        }
        return "No event matches “\(selection.text)”" + (filter.isEmpty ? "." : " within the filter.")
            + " Searched are account, ticket, reason and operator, and the receipt's whole number."
    }

    func heading(_ shared: Shared) -> ListHeading {
        let title = title(columns: .max, shared.times)
        return ListHeading(
            title: selection.words.isEmpty ? title : "\(title), search “\(selection.text)”", empty: emptyText)
    }

    private func title(columns: Int, _ times: Times) -> String {
        if !filter.isEmpty {
            return (account.map { "For \($0.email): " } ?? "Log: ") + filter.words(of: selection, times)
        }
        guard let account else {
            let full = "The whole log, newest first"
            return TextWidth.columns(of: full) <= columns ? full : "The log"
        }
        return "History of \(account.fullName) <\(account.email)>"
    }

    func items(_ event: AuditEvent, _ shared: Shared, columns: Int) -> [Table.Item] {
        self.columns.map { $0.item(event, shared.viewer, shared.times, selection.words) }
    }
}
