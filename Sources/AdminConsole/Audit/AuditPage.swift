import ConsoleParts
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import TerminalKit

/// The log, newest first: of everybody, or of one account.
struct AuditPage: SearchableList, EventScreen {
    /// Whose events are shown; nil: everybody's.
    let account: Account?
    let kind: String
    /// What was filled in to limit it, and what that was when the rows were read.
    private(set) var filter: AuditFilterForm
    private var answeredFilter: AuditFilterForm
    var search = TextField(limit: 100)
    var isSearching = false
    var recall = LineRecall()
    var heldKeys: [Key] = []
    var openingKeys: [Key]?
    /// What the loaded events were selected by.
    var selection = AuditSelection()
    var window = VirtualList<AuditEvent>()
    var answered: ListAnswer<AuditSelection>?
    var unansweredSince: Int?
    var live = LiveReading()

    /// `text` is searched for.
    init(of account: Account?, searchingFor text: String = "") {
        self.init(of: account, kind: account == nil ? "log" : "history")
        search.set(text)
        selection.text = text
    }

    /// Everybody's events as the form limits them, beside the log from which one came; times are counted back from `now`.
    init(limitedBy form: AuditFilterForm, now: Timestamp) {
        self.init(of: nil, kind: "part of the log")
        (filter, answeredFilter) = (form, form)
        selection = form.selection(now: now)
    }

    private init(of account: Account?, kind: String) {
        self.account = account
        self.kind = kind
        filter = AuditFilterForm(hasAccount: account == nil)
        answeredFilter = filter
        selection.account = account.map { .id($0.id) }
    }

    var name: String { account == nil ? "log" : "history" }
    var place: Place? { .log(account) }
    var hasOwnSearch: Bool { true }

    /// Where a person is shown, keys are for them, and theirs is the key that opens an event's account elsewhere.
    var actions: Set<ConsoleAction> {
        Set([.open, .filter, .clear, .refresh, .verifyLog]).union(account == nil ? [.openAccount] : [])
    }

    /// The event that keys act on.
    private var event: AuditEvent? { showsAnswer ? window.selected : nil }

    /// Why there is no event for a key to act on; nil while events are read, for which keys wait.
    private var noEvent: String? {
        guard window.fetch == nil else { return nil }
        return showsAnswer || window.rows.isEmpty
            ? "No event is selected."
            : "These events are from an earlier search. F5 searches again, Esc goes back to them."
    }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: event == nil ? noEvent : nil
        case .openAccount: event == nil ? noEvent : unavailability(ofAccount: event?.accountID, in: console)
        case .clear: filter.isEmpty && search.isEmpty ? "No search or filter to clear." : nil
        default: nil
        }
    }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        waitsForAccount(key, &shared) || takeForSearch(key, &shared)
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if move(action, &shared) { return }
        switch action {
        case .back where shared.verification?.isRunning == true: shared.stopVerifying()
        case .back where !search.isEmpty: endSearch(&shared)
        case .back, .quit: shared.close()
        case .open: if let event { shared.open(EventPage(event, of: account, shared.viewer)) }
        case .openAccount: openAccount(event?.accountID, &shared)
        case .refresh:
            if shared.verification?.isRunning != true { shared.verification = nil }
            refresh(&shared)
        case .search: beginSearch(&shared)
        case .filter: show(filter, &shared) { $0.limit(by: $1, &$2) { $0.restart(&$1) } }
        case .clear:
            search.clear()
            limit(by: AuditFilterForm(hasAccount: account == nil), &shared) { $0.widenSelection(&$1) }
        case .verifyLog: shared.verifyLog()
        default: break
        }
    }

    /// Selects what the form and the search line say, and reads that.
    private mutating func limit(
        by form: AuditFilterForm, _ shared: inout Shared, read: (inout Self, inout Shared) -> Void
    ) {
        filter = form
        selection = filter.selection(now: shared.now)
        selection.text = search.text
        if let account { selection.account = .id(account.id) }
        read(&self, &shared)
    }

    mutating func goBack(to answered: AuditSelection) {
        selection = answered
        filter = answeredFilter
    }

    mutating func filled(lost: AuditEvent?, _ shared: inout Shared) {
        answeredFilter = filter
        releaseKeys(&shared)
    }

    mutating func failed(_ error: AdminError, _ purpose: ListFetch<AuditEvent>.Purpose, _ shared: inout Shared) {
        heldKeys = []
        say(error, &shared)
    }

    mutating func receive(_ news: News, _ shared: inout Shared) {
        if case .opened = news { keepSearch(&shared) }
    }

    mutating func settle(_ shared: inout Shared) { readAgainIfLost(&shared) }
}
