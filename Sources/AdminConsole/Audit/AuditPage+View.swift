import AccountDisplay
import ConvonetCore
import PostgresClient
import TerminalKit

extension AuditPage {
    private enum Column: CaseIterable {
        case receipt, when, what, outcome, account, by, ticket, reason
    }

    /// All columns; without the account's where the page is of one account, which the title names.
    private var columns: [Column] { Column.allCases.filter { account == nil || $0 != .account } }

    func table(columns: Int, _ display: Times.Display) -> Table {
        let isHistory = account != nil
        return Table(
            columns: self.columns.map { column in
                switch column {
                case .receipt: Table.Column(title: "Receipt", minimumColumns: 7, alignment: .trailing, priority: 4)
                case .when: Table.Column(title: "When", minimumColumns: Times.cellColumns, priority: 7)
                case .what: Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 20, priority: 6)
                case .outcome:
                    Table.Column(title: "Outcome", minimumColumns: 10, weight: 2, maximumColumns: 26, priority: 9)
                case .account:
                    Table.Column(title: "For", minimumColumns: 18, weight: 8, maximumColumns: 48, priority: 8)
                case .by: Table.Column(title: "By", minimumColumns: 8, weight: 1, maximumColumns: 20, priority: 6)
                case .ticket:
                    Table.Column(
                        title: "Ticket", minimumColumns: 8, weight: 1, maximumColumns: 16, priority: 2)
                case .reason:
                    Table.Column(title: "Reason", minimumColumns: 12, weight: 5, priority: isHistory ? 5 : 1)
                }
            })
    }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.open, "open", 8), (.openAccount, "account", 7), (.search, "search", 7), (.filter, "filter", 6),
            (.clear, "clear", 6), (.verifyLog, "verify", 5), (.refresh, "reload", 4), (.times, "times", 1),
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
        self.columns.map { column in
            switch column {
            case .receipt:
                Table.Item(String(event.sequence), isSearched: selection.words.contains(String(event.sequence)))
            case .when: Table.Item(shared.times.cell(event.occurredAt), isSearched: false)
            case .what: Table.Item(ActionName.words(event.action), isSearched: false)
            case .outcome: OutcomeText.item(event.outcome, event.rule, of: event.action)
            case .account: Table.Item(event.accountEmail ?? "-")
            case .by: Table.Item(event.actorWord ?? shared.viewer.name(event.dbUser))
            case .ticket: Table.Item(event.ticket ?? "-")
            case .reason: Table.Item(event.reason ?? "-")
            }
        }
    }
}

/// How the outcome of an event stands in a table: with a sign, so that it is not told by colour alone.
enum OutcomeText {
    static func item(_ outcome: String, _ rule: String?, of action: String) -> Table.Item {
        let sign = outcome == "done" ? "✓" : "✗"
        // Of a refusal the rule says more than that it was one.
        let text = rule.map { "\(sign) " + RuleName.words($0, of: action) } ?? "\(sign) \(outcome)"
        return Table.Item(text, style: outcome == "done" ? .good : .caution, isSearched: false)
    }
}
