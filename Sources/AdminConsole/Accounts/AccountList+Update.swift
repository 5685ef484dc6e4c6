import ConvonetCore
import TerminalKit

extension Console {
    /// Keeps a key until the list is what was asked for; leaving does not wait.
    mutating func hold(_ key: Key) -> [Effect] {
        switch key {
        case .escape: list.heldKeys = []
        case .control("c"): return [.quit]
        default: list.heldKeys.append(key)
        }
        return []
    }

    /// What an action does in the list.
    mutating func performInList(_ action: ConsoleAction) -> [Effect] {
        switch action {
        case .open: return open()
        case .up: return move(by: -1)
        case .down: return move(by: 1)
        case .pageUp: return move(by: -max(1, list.rows - 1))
        case .pageDown: return move(by: max(1, list.rows - 1))
        case .first: return toBeginning()
        case .last: return toEnd()
        case .refresh: return refreshList()
        case .back:
            list.search.clear()
            return searchChanged()
        case .quit: return [.quit]
        default: return []
        }
    }

    /// Keys while the search line has the focus.
    mutating func updateSearch(_ key: Key) -> [Effect] {
        switch key {
        case .escape:
            list.isSearching = false
            guard !list.search.isEmpty else { return [] }
            list.search.clear()
            return searchChanged()
        case .tab, .backTab:
            list.isSearching = false
            return []
        case .up, .down, .pageUp, .pageDown, .enter, .function, .control("c"):
            return ConsoleAction(key).map { perform($0) } ?? []
        default:
            let before = list.search.text
            list.search.apply(key)
            return list.search.text == before ? [] : searchChanged()
        }
    }

    mutating func beginSearch() -> [Effect] {
        list.isSearching = true
        guard !list.search.isEmpty else { return [] }
        list.search.clear()
        return searchChanged()
    }

    mutating func searchChanged() -> [Effect] {
        list.selection.text = list.search.text
        return selectionChanged()
    }

    /// Begins the list anew with what it is limited and sorted by.
    mutating func selectionChanged() -> [Effect] {
        [fetch(.begin, from: .after(nil))]
    }

    /// How far back the console looks on starting for what became of the operator's last change.
    private static let recentMinutes = 10

    mutating func resizeList() -> [Effect] {
        list.rows = max(1, Console.bodyRows(size) - 2)
        list.window.scroll(rows: list.rows)
        if list.window.accounts.isEmpty, list.fetch == nil {
            return [fetch(.begin, from: .after(nil)), .countAccounts]
                + (context.readOnlyReason == nil ? [.loadOwnChanges(minutes: Self.recentMinutes)] : [])
        }
        return fetchAhead()
    }

    private mutating func open() -> [Effect] {
        guard let account = list.window.selected else { return [] }
        list.isSearching = false
        return openPerson(account)
    }

    private mutating func move(by rows: Int) -> [Effect] {
        list.window.move(by: rows, visible: list.rows)
        return fetchAhead()
    }

    private mutating func toBeginning() -> [Effect] {
        guard list.window.hasBefore else { return move(by: -list.window.accounts.count) }
        return [fetch(.begin, from: .after(nil))]
    }

    private mutating func toEnd() -> [Effect] {
        guard list.window.hasAfter else { return move(by: list.window.accounts.count) }
        return [fetch(.end, from: .before(nil))]
    }

    mutating func refreshList() -> [Effect] {
        let isEmpty = list.window.accounts.isEmpty
        return [fetch(isEmpty ? .begin : .refresh, from: list.window.origin), .countAccounts]
    }

    /// Fetches the next page before the cursor gets there, in whichever direction it goes.
    private mutating func fetchAhead() -> [Effect] {
        guard list.fetch == nil, let index = list.window.selectedIndex else { return [] }
        let accounts = list.window.accounts
        if list.window.hasAfter, index >= accounts.count - list.rows * 2 {
            return [fetch(.append, from: .after(accounts.last))]
        }
        if list.window.hasBefore, index < list.rows * 2 {
            return [fetch(.prepend, from: .before(accounts.first))]
        }
        return []
    }

    mutating func fetch(_ purpose: AccountList.Fetch.Purpose, from origin: PageOrigin) -> Effect {
        let request = nextRequest()
        list.fetch = AccountList.Fetch(request: request, purpose: purpose)
        let limit = purpose == .refresh ? max(list.pageSize, list.window.accounts.count) : list.pageSize
        return .loadPage(request: request, list.selection, from: origin, limit: limit)
    }

    mutating func takePage(_ request: Int, _ result: Result<AccountDirectory.Page, AdminError>) -> [Effect] {
        guard let fetch = list.fetch, fetch.request == request else { return [] }
        list.fetch = nil
        switch result {
        case .failure(let error):
            list.heldKeys = []
            noteConnection(error)
            if error.isLostConnection, fetch.purpose == .refresh { return [] }
            if fetch.replacesRows { list.forgetRows() }
            let key = list.isSearching && person == nil ? "F5" : "r"
            say(error.description + " Press \(key) to try again.", .danger)
            return []
        case .success(let page):
            if fetch.purpose == .refresh, page.accounts.isEmpty, list.window.hasBefore {
                return [self.fetch(.begin, from: .after(nil))]
            }
            list.isLoaded = true
            noteConnection(nil)
            fill(page, fetch.purpose)
            speakOfIndex()
        }
        return fetchAhead() + replayHeldKeys()
    }

    /// Once, and only where there are so many people that it is felt.
    private mutating func speakOfIndex() {
        guard !context.hasSearchIndex, !list.hasSpokenOfIndex, !list.selection.words.isEmpty,
            list.total.map({ $0.count > 100_000 }) ?? false
        else { return }
        list.hasSpokenOfIndex = true
        say("This search read the whole table. “convonet-admin migrate --search-index” makes searches immediate.")
    }

    /// Does what the kept keys say, as far as they were meant for what they meet: where Enter opens nobody, or a dialog
    /// opens that nobody has seen yet, the rest is dropped.
    private mutating func replayHeldKeys() -> [Effect] {
        let held = list.heldKeys
        list.heldKeys = []
        var effects: [Effect] = []
        for (index, key) in held.enumerated() {
            effects += update(.input(.key(key)), now: now)
            if effects.contains(.discardTypeAhead) { break }
            if index == 0, person == nil, reset == nil { break }
        }
        return effects
    }

    /// The list's row after a dialog over it was closed.
    mutating func takeAccountForList(_ result: Result<Account?, AdminError>) -> [Effect] {
        list.rereading = nil
        if case .success(let account?) = result { list.window.replace(account) }
        return []
    }

    private mutating func fill(_ page: AccountDirectory.Page, _ purpose: AccountList.Fetch.Purpose) {
        switch purpose {
        case .begin: list.window.begin(page, rows: list.rows)
        case .end:
            let isWhole = list.selection.isEverybody && list.total?.isExact == true
            list.window.end(page, rows: list.rows, total: isWhole ? list.total?.count : nil)
        case .append: list.window.append(page, rows: list.rows)
        case .prepend: list.window.prepend(page, rows: list.rows)
        case .refresh:
            let selected = list.window.selected
            if !list.window.refresh(page, rows: list.rows), let selected {
                say("\(selected.fullName) <\(selected.email)> is no longer in this list.", .caution)
            }
        }
    }
}
