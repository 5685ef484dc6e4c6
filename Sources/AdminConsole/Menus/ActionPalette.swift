import TerminalKit

/// Every action that exists here, found by typing parts of its words.
struct ActionPalette: Menu {
    var title: String { "Actions" }
    var hints: [Footer.Hint] {
        [Footer.Hint("type", "to find", priority: 5), .choose, Footer.Hint("Enter", "run", priority: 8)]
    }

    var query = TextField(limit: 40)
    /// Index among the actions that the query finds.
    private var selection = 0

    /// The actions that the query finds, the best first; all of them, by group, where nothing is typed.
    var found: [ConsoleAction] {
        guard !query.isEmpty else {
            return ConsoleAction.Group.allCases.flatMap { group in ConsoleAction.allCases.filter { $0.group == group } }
        }
        return ConsoleAction.allCases.compactMap { action in
            FuzzyMatch.score(query.text, in: action.title + " " + action.keyText).map { (action, $0) }
        }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    var chosen: ConsoleAction? { found.indices.contains(selection) ? found[selection] : nil }

    mutating func apply(_ key: Key) {
        switch key {
        case .up, .backTab: select(selection - 1)
        case .down, .tab: select(selection + 1)
        case .pageUp: select(selection - 8)
        case .pageDown: select(selection + 8)
        case .home: select(0)
        case .end: select(.max)
        default:
            let before = query.text
            query.apply(key)
            if query.text != before { selection = 0 }
        }
    }

    mutating func paste(_ text: String) -> Bool {
        query.insert(text)
        selection = 0
        return true
    }

    /// What is typed after a search without a hit must not run as keys.
    mutating func accept() -> Bool { chosen != nil }

    func draw(into buffer: inout Buffer, in console: Console) {
        MenuDialog(title: title, rows: rows(console), index: rowIndex, field: query).draw(into: &buffer)
    }

    private mutating func select(_ index: Int) { selection = min(max(0, index), max(0, found.count - 1)) }

    /// The lines to show: with headings where nothing is typed, and below the chosen action why it cannot be done here.
    private func rows(_ console: Console) -> [MenuRow] {
        let actions = found
        var rows: [MenuRow] = []
        var group: ConsoleAction.Group?
        for action in actions {
            if query.isEmpty, action.group != group {
                group = action.group
                rows.append(MenuRow(text: action.group.rawValue, style: .title, isChoice: false))
            }
            let reason = console.unavailability(of: action)
            rows.append(
                MenuRow(
                    text: action.title, note: action.keyText(on: console.screen), style: reason == nil ? .plain : .dim))
            guard action == chosen, let reason else { continue }
            rows += TextWrap.lines(reason, columns: min(60, console.shared.size.columns - 10)).map {
                MenuRow(text: "  " + $0, style: .caution, isChoice: false)
            }
        }
        if rows.isEmpty { rows.append(MenuRow(text: "No matching action.", style: .dim, isChoice: false)) }
        return rows
    }

    /// The line of the chosen action, headings counted.
    private var rowIndex: Int {
        guard query.isEmpty, chosen != nil else { return selection }
        let headings = Set(found[...selection].map(\.group)).count
        return selection + headings
    }
}
