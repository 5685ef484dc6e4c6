import ConvonetCore
import TerminalKit

/// The log, newest first: of everybody, or of one account.
struct AuditPage: ListScreen {
    /// Whose events are shown; nil: everybody's.
    let account: Account?
    /// What was filled in to limit it.
    private(set) var filter: AuditFilterForm
    /// What the loaded events were selected by.
    private(set) var selection = AuditSelection()
    var window = VirtualList<AuditEvent>()
    var answered: ListAnswer<AuditSelection>?
    var unansweredSince: Int?
    var live = LiveReading()

    init(of account: Account?) {
        self.account = account
        filter = AuditFilterForm(hasAccount: account == nil)
        selection.account = account.map { .id($0.id) }
    }

    var name: String { account == nil ? "log" : "history" }
    var place: Place? { .log(account) }
    var hasOwnSearch: Bool { true }

    var actions: Set<ConsoleAction> { [.open, .filter, .clear, .refresh, .verifyLog] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: window.selected == nil ? "No event is selected." : nil
        case .clear: filter.isEmpty ? "No filter to clear." : nil
        default: nil
        }
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if move(action, &shared) { return }
        switch action {
        case .back where shared.verification?.isRunning == true: shared.stopVerifying()
        case .back, .quit: shared.close()
        case .open: if let event = window.selected { shared.open(EventPage(event, of: account, shared.viewer)) }
        case .refresh:
            if shared.verification?.isRunning != true { shared.verification = nil }
            refresh(&shared)
        case .filter: show(filter, &shared) { $0.select($1, &$2) }
        case .clear: select(AuditFilterForm(hasAccount: account == nil), &shared)
        case .verifyLog: shared.verifyLog()
        default: break
        }
    }

    /// Begins anew with what the form says.
    private mutating func select(_ form: AuditFilterForm, _ shared: inout Shared) {
        filter = form
        selection = filter.selection(now: shared.now)
        if let account { selection.account = .id(account.id) }
        restart(&shared)
    }
}
