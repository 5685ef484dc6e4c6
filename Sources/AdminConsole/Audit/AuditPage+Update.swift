import ConvonetCore
import PostgresClient
import TerminalKit

extension AuditPage {
    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: window.selected == nil ? "No event is selected." : nil
        case .sort: "The log is always sorted newest first."
        case .clear: filter.isEmpty ? "No filter to clear." : nil
        case .accountHistory: account == nil ? nil : "You are here."
        case .auditLog: account == nil ? "You are here." : nil
        default: nil
        }
    }

    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect] {
        guard var page = console.audit else { return [] }
        defer { if console.audit != nil { console.audit = page } }
        if let effects = page.move(action, &console.requests) { return effects }
        switch action {
        case .back where console.verification?.isRunning == true: return console.stopVerifying()
        case .back, .quit: return console.close()
        case .open:
            if let event = page.window.selected { console.event = EventPage(event, of: page.account) }
        case .refresh:
            console.verification = console.verification?.isRunning == true ? console.verification : nil
            return page.refresh(&console.requests)
        case .filter: console.menu = .auditFilter(page.filter)
        case .clear:
            page.filter = AuditFilterForm(hasAccount: page.account == nil)
            return page.select(now: console.now, &console.requests)
        case .verifyLog: return console.verifyLog()
        default: break
        }
        return []
    }

    /// Begins anew with what the form says.
    mutating func select(now: Timestamp, _ requests: inout Requests) -> [Effect] {
        selection = filter.selection(now: now)
        if let account { selection.account = .id(account.id) }
        return begin(&requests)
    }
}

extension Console {
    /// Opens the log: of everybody, or of one account.
    mutating func openAudit(of account: Account?) -> [Effect] {
        var page = AuditPage(of: account)
        let effects = page.resize(size, &requests) + page.begin(&requests) + page.countRows(&requests)
        audit = nil
        audit = page
        return effects
    }

    /// Changes the log's page, where it is open.
    mutating func withAudit(_ change: (inout AuditPage, inout Requests) -> [Effect]) -> [Effect] {
        guard var page = audit else { return [] }
        let effects = change(&page, &requests)
        audit = page
        return effects
    }

    mutating func resizeAudit() -> [Effect] {
        let size = size
        return withAudit { $0.resize(size, &$1) }
    }

    mutating func takeEvents(_ request: Int, _ result: Result<ListPage<AuditEvent>, AdminError>) -> [Effect] {
        switch result {
        case .success(let page):
            guard audit?.window.fetch?.request == request else { return [] }
            noteConnection(nil)
            let now = now
            return withAudit { $0.take(page, request: request, now: now, &$1).effects }
        case .failure(let error):
            guard audit?.window.fail(request: request) != nil else { return [] }
            noteConnection(error)
            say(error.description + " Press r to try again.", .danger)
            return []
        }
    }
}
