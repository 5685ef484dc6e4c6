package import ConvonetCore
package import TerminalKit

/// A column of the log.
package enum EventColumn: CaseIterable, Sendable {
    case receipt, when, what, outcome, account, by, ticket, reason

    /// All columns; of one account's history without the account's, which the title names.
    package static func shown(isHistory: Bool) -> [EventColumn] { allCases.filter { !isHistory || $0 != .account } }

    /// As it is wished for: on 120 columns all have room.
    package func column(isHistory: Bool) -> Table.Column {
        switch self {
        case .receipt: Table.Column(title: "Receipt", minimumColumns: 7, alignment: .trailing, priority: 4)
        case .when: Table.Column(title: "When", minimumColumns: Times.cellColumns, priority: 7)
        case .what: Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 20, priority: 6)
        case .outcome: Table.Column(title: "Outcome", minimumColumns: 10, weight: 2, maximumColumns: 26, priority: 9)
        case .account: Table.Column(title: "For", minimumColumns: 18, weight: 8, maximumColumns: 48, priority: 8)
        case .by: Table.Column(title: "By", minimumColumns: 8, weight: 1, maximumColumns: 20, priority: 6)
        case .ticket: Table.Column(title: "Ticket", minimumColumns: 8, weight: 1, maximumColumns: 16, priority: 2)
        case .reason:
            Table.Column(title: "Reason", minimumColumns: 12, weight: 5, priority: isHistory ? 5 : 1)
        }
    }

    /// What it shows of an event, where these words were searched for.
    package func item(_ event: AuditEvent, _ viewer: Viewer, _ times: Times, _ words: [String]) -> Table.Item {
        switch self {
        case .receipt: Table.Item(String(event.sequence), isSearched: words.contains(String(event.sequence)))
        case .when: Table.Item(times.cell(event.occurredAt), isSearched: false)
        case .what: Table.Item(ActionName.words(event.action), isSearched: false)
        case .outcome: OutcomeText.item(event.outcome, event.rule, of: event.action)
        case .account: Table.Item(event.accountEmail ?? "-")
        case .by: Table.Item(event.actorWord ?? viewer.name(event.dbUser))
        case .ticket: Table.Item(event.ticket ?? "-")
        case .reason: Table.Item(event.reason ?? "-")
        }
    }
}

/// How the outcome of an event stands in a table: with a sign, so that it is not told by colour alone.
package enum OutcomeText {
    package static func item(_ outcome: String, _ rule: String?, of action: String) -> Table.Item {
        let sign = outcome == "done" ? "✓" : "✗"
        // Of a refusal the rule says more than that it was one.
        let text = rule.map { "\(sign) " + RuleName.words($0, of: action) } ?? "\(sign) \(outcome)"
        return Table.Item(text, style: outcome == "done" ? .good : .caution, isSearched: false)
    }
}
