import ConvonetCore
import FoundationEssentials
import TerminalKit

/// The list of accounts: what is searched for, and what of it is loaded.
struct AccountList: Sendable {
    /// The search line's text.
    var search = TextField(limit: 100)
    /// Whether keys go to the search line.
    var isSearching = false
    /// What the loaded accounts were selected by.
    var selection = AccountSelection()
    var window = VirtualList<Account>()
    var answered: ListAnswer<AccountSelection>?
    /// The columns that are shown where there is room, in order.
    var columns = AccountColumn.usual
    /// How many the search finds whatever the filters say; nil where that is not known, or there are none of both.
    var unfiltered: ListCount?
    /// The request that finds that out.
    var unfilteredRequest: Int?
    /// The teams of people in the list, where a column shows them, as far as they were read.
    var teams: [UUID: [TeamMembership]] = [:]
    /// The request that reads more of them, and whose.
    var teamsRequest: (request: Int, ids: [UUID])?
    /// What was open when the search began; where it is ended without a choice, one is back there.
    var searchedFrom: [any Screen] = []
    /// How many people there are, whatever the list is limited to; nil until it was found out.
    var peopleInAll: ListCount?
    /// Whether it was said that searches could be quicker.
    var hasSpokenOfIndex = false
    /// Keys from Enter on that wait for the answer to what is typed.
    var heldKeys: [Key] = []

    /// Whether a key must wait: it would act on a row that the answer under way may take away, or it is behind such a key.
    func mustWait(_ key: Key) -> Bool {
        if !heldKeys.isEmpty { return true }
        guard window.fetch != nil, window.fetch?.replacesRows == true || !showsAnswer else { return false }
        return key == .enter
            || !isSearching && ["p", "v", "l", "L", "x", "m", "a", "y", "[", "]"].contains { key == .character($0) }
    }
}

extension AccountList: ListScreen {
    var name: String { "accounts" }
    var account: Account? { showsAnswer ? window.selected : nil }

    static func take(_ page: Result<ListPage<Account>, AdminError>, _ request: Int, in console: inout Console)
        -> [Effect]
    {
        console.takePage(request, page)
    }

    static func take(_ count: ListCount?, _ request: Int, in console: inout Console) {
        console.list.window.take(count, request: request)
        if console.list.selection.isEverybody { console.list.peopleInAll = console.list.window.total }
    }
}
