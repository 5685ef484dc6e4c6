import ConvonetCore
import TerminalKit

extension Console {
    private static let eventsPerFetch = 200

    /// Opens the log: of everybody, or of one account.
    mutating func openAudit(of account: Account?) -> [Effect] {
        audit = AuditPage(account: account)
        return fetchEvents()
    }

    /// What an action does in the log.
    mutating func performInAudit(_ action: ConsoleAction) -> [Effect] {
        guard let page = audit else { return [] }
        if page.showsDetail {
            scrollDetail(action)
            return []
        }
        let rows = auditRows
        switch action {
        case .back, .quit: audit = nil
        case .open: audit?.showsDetail = page.selected != nil
        case .refresh: return openAudit(of: page.account)
        case .up: audit?.move(by: -1, visible: rows)
        case .down: audit?.move(by: 1, visible: rows)
        case .pageUp: audit?.move(by: -max(1, rows - 1), visible: rows)
        case .pageDown: audit?.move(by: max(1, rows - 1), visible: rows)
        case .first: audit?.move(by: -page.events.count, visible: rows)
        case .last: audit?.move(by: page.events.count, visible: rows)
        default: break
        }
        guard let audit, audit.hasMore, audit.request == nil,
            (audit.selectedIndex ?? 0) >= audit.events.count - rows * 2
        else { return [] }
        return fetchEvents()
    }

    private mutating func scrollDetail(_ action: ConsoleAction) {
        let rows = Console.bodyRows(size)
        let last = max(0, (audit?.detailLines(columns: size.columns).count ?? 0) - rows)
        let top = audit?.detailTop ?? 0
        func scroll(_ step: Int) { audit?.detailTop = min(max(0, top + step), last) }
        switch action {
        case .back, .quit:
            audit?.showsDetail = false
            audit?.detailTop = 0
        case .up: scroll(-1)
        case .down: scroll(1)
        case .pageUp: scroll(-rows / 2)
        case .pageDown: scroll(rows / 2)
        default: break
        }
    }

    private var auditRows: Int { max(1, Console.bodyRows(size) - 2) }

    private mutating func fetchEvents() -> [Effect] {
        let request = nextRequest()
        audit?.request = request
        return [
            .loadEvents(
                request: request, account: audit?.account?.id, before: audit?.events.last?.sequence,
                limit: Self.eventsPerFetch)
        ]
    }

    mutating func takeEvents(_ request: Int, _ result: Result<[AuditEvent], AdminError>) -> [Effect] {
        guard audit?.request == request else { return [] }
        audit?.request = nil
        switch result {
        case .success(let events): audit?.append(events, limit: Self.eventsPerFetch)
        case .failure(let error): say(error.description + " Press r to try again.", .danger)
        }
        return []
    }
}
