import ConsoleParts
import ConsoleRequests
import ConvonetCore
import TerminalKit

/// A list with a search line above it, and keys that wait for the answer to what is typed there.
protocol SearchableList: ListScreen where Selection: SearchSelection {
    /// The search line's text.
    var search: TextField { get set }
    /// Whether keys go to the search line.
    var isSearching: Bool { get set }
    /// How far back one is in earlier searches.
    var recall: LineRecall { get set }
    /// Keys from Enter on that wait for the answer to what is typed.
    var heldKeys: [Key] { get set }
    var selection: Selection { get set }

    /// Whether what is searched for was found.
    var hasHits: Bool { get }

    /// Something else is selected now.
    mutating func selectionChanged(_ shared: inout Shared)
    /// Asks for what the rows answer, in place of what could not be read.
    mutating func goBack(to answered: Selection)
}

extension SearchableList {
    var hasHits: Bool { showsAnswer && !window.rows.isEmpty }

    mutating func selectionChanged(_ shared: inout Shared) {}
    mutating func goBack(to answered: Selection) { selection = answered }

    /// Whether a key must wait: it would act on a row that the answer under way may take away, or it is behind such a key.
    private func mustWait(_ key: Key) -> Bool {
        if !heldKeys.isEmpty { return true }
        guard window.fetch != nil, window.fetch?.replacesRows == true || !showsAnswer else { return false }
        guard let action = ConsoleAction(key, on: self) else { return false }
        return action == .open || !isSearching && (action.actsOnAccount || [.openAccount, .mark].contains(action))
    }

    /// Takes a key that is for the search line, or has to wait.
    mutating func takeForSearch(_ key: Key, _ shared: inout Shared) -> Bool {
        if mustWait(key) {
            hold(key, &shared)
            return true
        }
        guard isSearching else { return goBackIntoSearch(by: key) }
        if recalled(by: key, &shared) { return true }
        switch key {
        case .escape:
            // Whoever searched from elsewhere and chose nobody is back there.
            shared.moves.append(.endSearch(goesBack: true))
            endSearch(&shared)
        case .tab, .backTab:
            keepSearch(&shared)
            shared.moves.append(.endSearch(goesBack: false))
        case .up, .down, .pageUp, .pageDown, .enter, .function, .control("c"): return false
        default:
            let before = search.text
            search.apply(key)
            if search.text != before { searchChanged(&shared) }
        }
        return true
    }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool { takeForSearch(key, &shared) }

    /// Keeps a key until the list is what was asked for; leaving does not wait.
    private mutating func hold(_ key: Key, _ shared: inout Shared) {
        switch key {
        case .escape: heldKeys = []
        case .control("c") where shared.isAtFirst: shared.effects.append(.quit(signal: nil))
        case .control("c"): heldKeys = []
        default: heldKeys.append(key)
        }
    }

    /// Presses the keys that waited, once the list is what was asked for.
    mutating func releaseKeys(_ shared: inout Shared) {
        guard window.fetch?.replacesRows != true, !heldKeys.isEmpty else { return }
        shared.moves.append(.press(heldKeys))
        heldKeys = []
    }

    mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        // What was typed before it still waits, and it would overtake that.
        if !heldKeys.isEmpty { return true }
        // Nobody pastes an address for anything else.
        if !isSearching {
            isSearching = true
            search.clear()
        }
        search.insert(PastedAddress.only(in: text))
        searchChanged(&shared)
        return true
    }

    /// Goes on with the search that is shown.
    private mutating func goBackIntoSearch(by key: Key) -> Bool {
        guard key == .tab || key == .backTab, !search.isEmpty else { return false }
        isSearching = true
        return true
    }

    mutating func beginSearch(_ shared: inout Shared) {
        keepSearch(&shared)
        isSearching = true
        guard !search.isEmpty else { return }
        search.clear()
        searchChanged(&shared)
    }

    /// Searches for a text that was typed elsewhere.
    mutating func search(for text: String, _ shared: inout Shared) {
        keepSearch(&shared)
        search.set(text)
        searchChanged(&shared)
    }

    private mutating func searchChanged(_ shared: inout Shared) {
        recall.end()
        runSearch(&shared)
    }

    private mutating func runSearch(_ shared: inout Shared) {
        let text = search.text
        select(&shared) { $0.text = text }
    }

    /// Begins anew with something else selected.
    mutating func select(_ shared: inout Shared, _ change: (inout Selection) -> Void) {
        change(&selection)
        selectionChanged(&shared)
        restart(&shared)
    }

    /// Reads a list that has more in it than the one before, around the row that is selected.
    mutating func widenSelection(_ shared: inout Shared) {
        selectionChanged(&shared)
        guard window.selected != nil, window.fetch?.replacesRows != true else { return restart(&shared) }
        window.count(request: 0, anew: true)
        refresh(&shared)
    }

    /// Ends a search. What was selected in it stays selected; of one that could not be carried out, one is back at what was
    /// asked for before.
    mutating func endSearch(_ shared: inout Shared) {
        keepSearch(&shared)
        if let answered, !showsAnswer, window.fetch == nil {
            goBack(to: answered.selection)
            return search.set(answered.selection.text)
        }
        guard !search.isEmpty || !selection.text.isEmpty else { return }
        search.clear()
        selection.text = ""
        widenSelection(&shared)
    }
}

/// Earlier searches of this session, which Up brings back.
extension SearchableList {
    /// Types no longer. What was searched for is kept if it found anything: a password that got in here by a slip is not.
    mutating func keepSearch(_ shared: inout Shared) {
        isSearching = false
        recall.end()
        guard !selection.words.isEmpty, hasHits else { return }
        shared.searches[ObjectIdentifier(Self.self), default: LineHistory()].keep(
            selection.words.joined(separator: " "))
    }

    private func earlierSearches(_ shared: Shared) -> LineHistory {
        shared.searches[ObjectIdentifier(Self.self)] ?? LineHistory()
    }

    /// Brings back an earlier search, or goes forward again; false where the key moves the selection.
    private mutating func recalled(by key: Key, _ shared: inout Shared) -> Bool {
        let history = earlierSearches(shared)
        let text: String?
        switch key {
        case .up where recall.isUnderWay || search.isEmpty || isAtTop:
            text = recall.earlier(than: search.text, in: history)
        case .down where recall.isUnderWay: text = recall.later(in: history)
        default: return false
        }
        guard let text else { return recall.isUnderWay }
        search.set(text)
        runSearch(&shared)
        return true
    }

    /// Whether there is nothing to go up to.
    private var isAtTop: Bool { !window.hasBefore && window.selectedID == window.rows.first?.id }

    func typingHints(in console: Console) -> [Footer.Hint]? {
        guard isSearching else { return nil }
        return [
            Footer.Hint("Enter", "open", priority: 8), Footer.Hint("↑↓", "choose", priority: 7),
            Footer.Hint("Tab", "to the list", priority: 6), Footer.Hint("Ctrl-U", "clear", priority: 4),
        ] + (earlierSearches(console.shared).lines.isEmpty ? [] : [Footer.Hint("↑", "earlier", priority: 5)]) + [
            Footer.Hint("Esc", console.parts.contains(where: \.isHidden) ? "back" : "end search", priority: 9)
        ]
    }
}

extension SearchableList {
    /// Draws the search line where anything is in it, and else a title; the filters, each in brackets, and the status.
    func drawSearchLine(
        into buffer: inout Buffer, filters: [String], title: (_ room: Int) -> String, status: String,
        _ style: Style = .plain
    ) {
        let statusColumns = TextWidth.columns(of: status)
        let room = buffer.size.columns - statusColumns - 4
        if isSearching || !search.isEmpty {
            let chips = filters.map { "[\($0) ×]" }.joined(separator: " ")
            buffer.write("Search", column: 1, row: 1, style: .title)
            let shownChips = chips.isEmpty ? "" : " " + TextWidth.fitted(chips, to: max(0, room / 2 - 8))
            let fieldColumns = min(48, max(8, room - 8 - TextWidth.columns(of: shownChips)))
            search.draw(into: &buffer, column: 8, row: 1, columns: fieldColumns, focused: isSearching)
            buffer.write(
                shownChips, column: 8 + fieldColumns, row: 1, style: .title, limit: max(0, room - fieldColumns))
        } else if room >= 7 {
            buffer.write(TextWidth.fitted(title(room), to: room), column: 1, row: 1, style: .title)
        }
        buffer.write(status, column: buffer.size.columns - statusColumns - 1, row: 1, style: style)
    }

    /// The first of several that leaves room for a search that can still be read, or for a title.
    func fittingStatus(_ texts: [String], columns: Int) -> String {
        let room = columns - (isSearching || !search.isEmpty ? 28 : 14)
        return texts.first { TextWidth.columns(of: $0) <= room } ?? window.position?.text ?? ""
    }
}
