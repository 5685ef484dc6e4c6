import ConvonetCore
import TerminalKit

extension AccountList {
    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: account == nil && window.fetch == nil ? console.nobody : nil
        case .previous, .next: "This is for a person's page."
        case .clear: selection == AccountSelection() ? "No search, filter or sort to clear." : nil
        case .back: selection.words.isEmpty ? "This is the first screen." : nil
        case .verifyLog: "This is for the log (A)."
        default: nil
        }
    }

    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect] {
        if let effects = console.list.move(action, &console.requests) { return effects }
        switch action {
        case .open: return console.openSelected()
        case .refresh: return console.refreshList() + console.readPending()
        case .back: return console.endSearch()
        case .filter: console.menu = .filter(FilterMenu(console.list.selection.filters))
        case .columns: console.menu = .columns(ColumnMenu(console.list.columns))
        case .sort: console.menu = .sort(SortMenu(console.list.selection.order))
        case .clear:
            console.list.selection = AccountSelection()
            console.list.search.clear()
            return console.widenSelection()
        case .quit: return [.quit(signal: nil)]
        default: break
        }
        return []
    }
}

extension Console {
    /// Keeps a key until the list is what was asked for; leaving does not wait.
    mutating func hold(_ key: Key) -> [Effect] {
        switch key {
        case .escape: list.heldKeys = []
        case .control("c"): return [.quit(signal: nil)]
        default: list.heldKeys.append(key)
        }
        return []
    }

    /// Keys while the search line has the focus.
    mutating func updateSearch(_ key: Key) -> [Effect] {
        switch key {
        case .escape:
            list.isSearching = false
            // Whoever searched from elsewhere and chose nobody is back there.
            opened = list.searchedFrom
            list.searchedFrom = []
            return endSearch()
        case .tab, .backTab:
            list.isSearching = false
            list.searchedFrom = []
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
        list.searchedFrom = opened
        opened = []
        list.isSearching = true
        guard !list.search.isEmpty else { return [] }
        list.search.clear()
        return searchChanged()
    }

    mutating func searchChanged() -> [Effect] {
        list.selection.text = list.search.text
        return selectionChanged()
    }

    mutating func selectionChanged() -> [Effect] {
        list.unfiltered = nil
        list.unfilteredRequest = nil
        return list.begin(&requests)
    }

    /// Ends a search. Whoever was selected in it stays selected among everybody; of one that could not be carried out,
    /// one is back at what was asked for before.
    fileprivate mutating func endSearch() -> [Effect] {
        if let answered = list.answered, !list.showsAnswer, list.window.fetch == nil {
            list.selection = answered.selection
            list.search.set(answered.selection.text)
            return []
        }
        guard !list.search.isEmpty || !list.selection.text.isEmpty else { return [] }
        list.search.clear()
        list.selection.text = ""
        return widenSelection()
    }

    /// Reads a list that has more people in it than the one before, around the one that is selected.
    fileprivate mutating func widenSelection() -> [Effect] {
        guard list.window.selected != nil, list.window.fetch?.replacesRows != true else { return selectionChanged() }
        list.unfiltered = nil
        list.unfilteredRequest = nil
        list.window.count(request: 0, anew: true)
        return list.refresh(&requests)
    }

    /// Counts how many the filters hide, once it is known whom they leave.
    private mutating func countUnfiltered() -> [Effect] {
        guard list.showsAnswer, list.unfilteredRequest == nil, !list.selection.filters.isEmpty,
            !list.selection.words.isEmpty
        else { return [] }
        let request = requests.next()
        list.unfilteredRequest = request
        var selection = list.selection
        selection.filters = []
        return [
            requests.read(CountQuery(selection: selection, isUnfiltered: true), as: request) { console, result in
                if console.list.unfilteredRequest == request { console.list.unfiltered = try? result.get() }
                return []
            }
        ]
    }

    /// How far back the console looks on starting for what became of the operator's last change.
    private static let recentMinutes = 10

    mutating func resizeList() -> [Effect] {
        let ahead = list.resize(size, &requests)
        guard list.window.rows.isEmpty, list.window.fetch == nil else { return ahead }
        let effects = list.begin(&requests)
        guard let page = firstPage, let request = list.window.fetch?.request else { return effects }
        firstPage = nil
        return takePage(request, .success(page))
    }

    /// Once, and after the first page, so that nothing at the server takes its time while somebody waits for the screen.
    private mutating func askForOwnChanges() -> [Effect] {
        guard !hasAskedForOwnChanges else { return [] }
        hasAskedForOwnChanges = true
        guard context.readOnlyReason == nil else { return readPending() }
        return [requests.read(OwnChangesQuery(minutes: Self.recentMinutes)) { $0.takeOwnChanges($1) }] + readPending()
    }

    fileprivate mutating func openSelected() -> [Effect] {
        guard let account = list.account else { return [] }
        list.isSearching = false
        list.searchedFrom = []
        return openPerson(account)
    }

    mutating func refreshList() -> [Effect] {
        list.teams = [:]
        list.teamsRequest = nil
        return list.refresh(&requests)
    }

    mutating func takePage(_ request: Int, _ result: Result<ListPage<Account>, AdminError>) -> [Effect] {
        switch result {
        case .failure(let error):
            guard let purpose = list.window.fail(request: request) else { return [] }
            list.heldKeys = []
            let isTriedAgain = noteFailureOfList(error)
            if isTriedAgain, purpose == .refresh || purpose == .seek { return [] }
            let key = list.isSearching && opened.isEmpty ? "F5" : "r"
            say(error.description + " Press \(key) to try again.", .danger)
            return []
        case .success(let page):
            guard list.window.fetch?.request == request else { return [] }
            noteConnection(nil)
            let (effects, lost) = list.take(page, request: request, now: now, &requests)
            speakOfIndex()
            if let lost { say("\(lost.fullName) <\(lost.email)> is no longer in this list.", .caution) }
            return effects + countUnfiltered() + askForOwnChanges() + replayHeldKeys()
        }
    }

    /// Once, and only where there are so many people that it is felt.
    private mutating func speakOfIndex() {
        guard !context.hasSearchIndex, !list.hasSpokenOfIndex, !list.selection.words.isEmpty,
            list.peopleInAll.map({ $0.number > 100_000 }) ?? false
        else { return }
        list.hasSpokenOfIndex = true
        say("This search read the whole table. “convonet-admin migrate --search-index” makes searches immediate.")
    }

    /// Does what the kept keys say, as far as they were meant for what they meet: where Enter opens nobody, or a dialog
    /// opens that nobody has seen yet, the rest is dropped.
    private mutating func replayHeldKeys() -> [Effect] {
        guard list.window.fetch?.replacesRows != true else { return [] }
        let held = list.heldKeys
        list.heldKeys = []
        var effects: [Effect] = []
        for (index, key) in held.enumerated() {
            effects += update(.input(.key(key)), now: now, uptime: uptime)
            if isUnseen || index == 0 && opened.isEmpty && reset == nil { break }
        }
        return effects
    }

    /// The list's row after a dialog over it was closed.
    mutating func takeAccountForList(_ result: Result<Account?, AdminError>) -> [Effect] {
        if case .success(let account?) = result { list.window.replace(account) }
        return []
    }
}
