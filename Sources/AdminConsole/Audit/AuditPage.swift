import ConvonetCore
import TerminalKit

/// The log, newest first: of everybody, or of one account.
struct AuditPage: Equatable, Sendable {
    /// Whose events are shown; nil: everybody's.
    var account: Account?
    /// What was filled in to limit it.
    var filter: AuditFilterForm
    /// What the loaded events were selected by.
    var selection = AuditSelection()
    var window = VirtualList<AuditEvent>()
    var answered: ListAnswer<AuditSelection>?

    init(of account: Account?) {
        self.account = account
        filter = AuditFilterForm(hasAccount: account == nil)
        selection.account = account.map { .id($0.id) }
    }
}

extension AuditPage: ListScreen {
    var name: String { account == nil ? "log" : "history" }

    static func take(_ page: Result<ListPage<AuditEvent>, AdminError>, _ request: Int, in console: inout Console)
        -> [Effect]
    {
        console.takeEvents(request, page)
    }

    static func take(_ count: ListCount?, _ request: Int, in console: inout Console) {
        console.audit?.window.take(count, request: request)
    }
}
