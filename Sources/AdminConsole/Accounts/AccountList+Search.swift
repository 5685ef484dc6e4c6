import ConvonetCore
import TerminalKit

/// The search line, and the keys that wait for its answer.
extension AccountList {
    /// Whether a key must wait: it would act on a row that the answer under way may take away, or it is behind such a key.
    private func mustWait(_ key: Key) -> Bool {
        if !heldKeys.isEmpty { return true }
        guard window.fetch != nil, window.fetch?.replacesRows == true || !showsAnswer else { return false }
        guard let action = ConsoleAction(key) else { return false }
        return action == .open || !isSearching && action.actsOnAccount
    }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        if mustWait(key) {
            hold(key, &shared)
            return true
        }
        guard isSearching else { return goBackIntoSearch(by: key) }
        switch key {
        case .escape:
            isSearching = false
            // Whoever searched from elsewhere and chose nobody is back there.
            shared.moves.append(.endSearch(goesBack: true))
            endSearch(&shared)
        case .tab, .backTab:
            isSearching = false
            shared.moves.append(.endSearch(goesBack: false))
        case .up, .down, .pageUp, .pageDown, .enter, .function, .control("c"): return false
        default:
            let before = search.text
            search.apply(key)
            if search.text != before { searchChanged(&shared) }
        }
        return true
    }

    /// Keeps a key until the list is what was asked for; leaving does not wait.
    private mutating func hold(_ key: Key, _ shared: inout Shared) {
        switch key {
        case .escape: heldKeys = []
        case .control("c"): shared.effects.append(.quit(signal: nil))
        default: heldKeys.append(key)
        }
    }

    mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        // What was typed before it still waits, and it would overtake that.
        if !heldKeys.isEmpty { return true }
        // Nobody pastes an address for anything else.
        if !isSearching {
            isSearching = true
            search.clear()
        }
        search.insert(text)
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
        isSearching = true
        guard !search.isEmpty else { return }
        search.clear()
        searchChanged(&shared)
    }

    /// Searches for a text that was typed elsewhere.
    mutating func search(for text: String, _ shared: inout Shared) {
        isSearching = false
        search.set(text)
        searchChanged(&shared)
    }

    private mutating func searchChanged(_ shared: inout Shared) {
        let text = search.text
        select(&shared) { $0.text = text }
    }

    /// Ends a search. Whoever was selected in it stays selected among everybody; of one that could not be carried out,
    /// one is back at what was asked for before.
    mutating func endSearch(_ shared: inout Shared) {
        if let answered, !showsAnswer, window.fetch == nil {
            selection = answered.selection
            return search.set(answered.selection.text)
        }
        guard !search.isEmpty || !selection.text.isEmpty else { return }
        search.clear()
        selection.text = ""
        selection.isAlike = false
        widenSelection(&shared)
    }

    func typingHints(in console: Console) -> [Footer.Hint]? {
        guard isSearching else { return nil }
        return [
            Footer.Hint("Enter", "open", priority: 8), Footer.Hint("↑↓", "choose", priority: 7),
            Footer.Hint("Tab", "to the list", priority: 6), Footer.Hint("Ctrl-U", "clear", priority: 4),
            Footer.Hint("Esc", console.parts.contains(where: \.isHidden) ? "back" : "end search", priority: 9),
        ]
    }
}
