import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import FoundationEssentials
import TerminalKit

/// The list of accounts: what is searched for, and what of it is loaded.
struct AccountList: SearchableList {
    var search = TextField(limit: 100)
    var isSearching = false
    var recall = LineRecall()
    var heldKeys: [Key] = []
    /// What the loaded accounts were selected by.
    var selection = AccountSelection()
    var window = VirtualList<Account>()
    var answered: ListAnswer<AccountSelection>?
    var unansweredSince: Int?
    var live = LiveReading()
    /// The columns that are shown where there is room, in order.
    var columns = AccountColumn.usual
    /// Who is marked, to be changed together.
    var marks = Marks()
    /// Who is shown beside a wide list.
    var preview: Preview?
    /// How many the search finds without the filters; nil while that is not known, or without search or filters.
    var unfiltered: ListCount?
    /// What nobody is like, after that was looked for.
    var likeNobody: AccountSelection?
    /// The teams of people in the list, where a column shows them, as far as they were read.
    var teams: [UUID: [TeamMembership]] = [:]
    /// Whether more of them were asked for and could not be read: they are not asked for again before the list is.
    var lacksTeams = false
    /// How many people there are, whatever the list is limited to; nil until it was found out.
    var peopleInAll: ListCount?
    /// Whether it was said that searches could be quicker.
    var hasSpokenOfIndex = false
    /// Whether it was asked what became of the operator's last change.
    var hasAskedForOwnChanges = false
    /// What was read before there was a console, to be shown first.
    private var firstPage: ListPage<Account>?

    /// Columns that lack one that is always shown are passed over.
    init(firstPage: ListPage<Account>? = nil, columns: [AccountColumn] = []) {
        self.firstPage = firstPage
        if Set(columns).isSuperset(of: AccountColumn.fixed), Set(columns).count == columns.count {
            self.columns = columns
        }
    }

    var name: String { "accounts" }
    var place: Place? { .accounts }
    var account: Account? { showsAnswer ? window.selected : nil }
    var facts: PersonFacts? { preview?.facts }

    var nobody: String {
        showsAnswer || window.rows.isEmpty
            ? "Nobody is selected."
            : "These rows are from an earlier search. F5 searches again, Esc goes back to them."
    }

    var actions: Set<ConsoleAction> { [.open, .filter, .sort, .clear, .refresh, .columns, .mark, .markAll] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: account == nil && window.fetch == nil ? nobody : nil
        case .clear:
            selection == AccountSelection() && marks.isEmpty ? "No search, filter, sort or mark to clear." : nil
        case .mark: account == nil ? nobody : nil
        case .markAll: showsAnswer ? nil : nobody
        case .back: selection.words.isEmpty && marks.isEmpty ? "This is the first screen." : nil
        default: nil
        }
    }

    /// The first page is asked for once the size of the screen is known.
    mutating func begin(_ shared: inout Shared) {}

    mutating func resize(_ shared: inout Shared) {
        fit(&shared)
        guard window.rows.isEmpty, window.fetch == nil else { return }
        if let page = firstPage {
            firstPage = nil
            let request = shared.requests.next()
            _ = window.fetch(.begin, request: request)
            take(.success(page), request, &shared)
        } else {
            restart(&shared)
        }
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if action != .back { marks.isLeaving = false }
        if move(action, &shared) { return }
        switch action {
        case .open: if let account { shared.open(PersonPage(of: account, knowing: facts)) }
        case .refresh where selection.isAlike: select(&shared) { _ in }
        case .refresh:
            reload(&shared)
            shared.readPending()
        case .mark: mark(&shared)
        case .markAll: markAll(&shared)
        case .back where search.isEmpty && selection.text.isEmpty && !marks.isEmpty: clearMarks(&shared)
        case .back: endSearch(&shared)
        case .search: beginSearch(&shared)
        case .filter:
            show(FilterMenu(selection.filters), &shared) { list, menu, shared in
                list.select(&shared) { $0.filters = menu.chosen }
            }
        case .sort:
            show(SortMenu(selection.order), &shared) { list, menu, shared in
                list.select(&shared) { $0.order = menu.order }
            }
        case .columns:
            show(ColumnMenu(columns), &shared) {
                $0.columns = $1.chosen
                $2.keep($1.chosen)
            }
        case .clear where isHiddenByFilters: select(&shared) { $0.filters = [] }
        case .clear:
            if !marks.isEmpty { shared.say("The marks were taken off, too. Nothing was changed.") }
            marks = Marks()
            selection = AccountSelection()
            search.clear()
            widenSelection(&shared)
        case .quit: shared.effects.append(.quit(signal: nil))
        default: break
        }
    }

    mutating func click(_ position: Position, _ shared: inout Shared) {
        if position.column < shared.size.columns - Preview.columns(shared.size) { select(position, &shared) }
    }

    mutating func receive(_ news: News, _ shared: inout Shared) {
        switch news {
        case .read(let account, _): window.replace(account)
        case .changed(let account):
            // What was changed here is known here: the next dialog is bound to it even before it was read again.
            window.replace(account)
            if preview?.facts.account.id == account.id { preview?.facts.take(changed: account) }
            ask(AccountQuery(id: account.id), &shared) { list, result, _ in
                if case .success(let account?) = result { list.window.replace(account) }
            }
        case .carriedOut(let batch): take(batch, &shared)
        case .gone(let ids):
            marks.remove(ids)
            if shared.isSeen { reload(&shared) }
        case .neighbour(let step): openNeighbour(step, &shared)
        case .opened: keepSearch(&shared)
        case .approvalsChanged, .newPolicy: break
        }
    }

    mutating func settle(_ shared: inout Shared) {
        if selection.isEverybody { peopleInAll = window.total ?? peopleInAll }
        reconnectIfDue(&shared)
        fitRows(shared)
        followSelection(&shared)
        readTeamsIfShown(&shared)
    }

    func nextMoment(_ shared: Shared) -> Int? {
        let left = shared.nextCountdown(preview?.facts.deadlines ?? [])
        return [window.fetch == nil ? shared.lost?.nextTry : nil, previewMoment(shared), dimsAt(shared), left]
            .compactMap { $0 }.min()
    }
}
