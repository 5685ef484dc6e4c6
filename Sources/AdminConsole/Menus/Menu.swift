import ConvonetCore
import TerminalKit

/// A list to choose from in a dialog, over whatever is on the screen.
enum Menu: Equatable, Sendable {
    case palette(ActionPalette)
    case filter(FilterMenu)
    case sort(SortMenu)
    case copy(CopyMenu)
    case columns(ColumnMenu)
    case auditFilter(AuditFilterForm)
    case decision(DecisionForm)

    /// One line of a menu.
    struct Row: Equatable, Sendable {
        var text: String
        var note = ""
        var style = Style.plain
        /// Headings and spaces are passed over.
        var isChoice = true
    }

    var title: String {
        switch self {
        case .palette: "Actions"
        case .filter: "Filter"
        case .sort: "Sort"
        case .copy: "Copy to the terminal's clipboard"
        case .columns: "Columns of the list"
        case .auditFilter: "Search the log"
        case .decision(let form): "Request \(form.request.id)"
        }
    }

    var hints: [Footer.Hint] {
        let choose = Footer.Hint("↑↓", "choose", priority: 7)
        let cancel = Footer.Hint("Esc", "close", priority: 9)
        return switch self {
        case .palette:
            [Footer.Hint("type", "to find", priority: 5), choose, Footer.Hint("Enter", "run", priority: 8), cancel]
        case .filter:
            [
                choose, Footer.Hint("Space", "on or off", priority: 8), Footer.Hint("← →", "days", priority: 6),
                Footer.Hint("Enter", "show", priority: 8), cancel,
            ]
        case .sort:
            [
                choose, Footer.Hint("Space", "reverse", priority: 6), Footer.Hint("Enter", "sort", priority: 8),
                cancel,
            ]
        case .columns:
            [
                choose, Footer.Hint("Space", "show or hide", priority: 8), Footer.Hint("← →", "move", priority: 6),
                Footer.Hint("Enter", "apply", priority: 8), cancel,
            ]
        case .copy: [choose, Footer.Hint("Enter", "copy", priority: 8), cancel]
        case .decision(let form):
            [
                Footer.Hint("Tab", "field", priority: 7),
                form.form.isText
                    ? Footer.Hint("Ctrl-U", "clear", priority: 4) : Footer.Hint("1 2 ← →", "choose", priority: 8),
                Footer.Hint("Enter", form.form.focus == .confirmation ? "confirm" : "next", priority: 8), cancel,
            ]
        case .auditFilter(let form):
            [
                Footer.Hint("Tab", "field", priority: 7),
                form.form.isText
                    ? Footer.Hint("Ctrl-U", "clear", priority: 4) : Footer.Hint("1-9 ← →", "choose", priority: 6),
                Footer.Hint("Enter", "show", priority: 8), cancel,
            ]
        }
    }
}

extension Console {
    mutating func updateMenu(_ key: Key) -> [Effect] {
        if key == .escape || key == .control("c") {
            menu = nil
            return []
        }
        if key == .enter { return chooseInMenu() }
        switch menu {
        case .palette(var palette):
            palette.apply(key)
            menu = .palette(palette)
        case .filter(var filter):
            filter.apply(key)
            menu = .filter(filter)
        case .sort(var sort):
            sort.apply(key)
            menu = .sort(sort)
        case .copy(var copy):
            copy.apply(key)
            menu = .copy(copy)
        case .columns(var columns):
            columns.apply(key)
            menu = .columns(columns)
        case .auditFilter(var form):
            form.apply(key)
            menu = .auditFilter(form)
        case .decision(var form):
            form.apply(key)
            menu = .decision(form)
        case nil: break
        }
        return []
    }

    private mutating func chooseInMenu() -> [Effect] {
        let chosen = menu
        if case .decision(var form) = chosen {
            let isComplete = form.enter()
            menu = isComplete ? nil : .decision(form)
            return isComplete ? decide(form) : []
        }
        if case .auditFilter(var form) = chosen, form.reject() {
            menu = .auditFilter(form)
            return []
        }
        // What is typed after a search without a hit must not run as keys.
        if case .palette(let palette) = chosen, palette.chosen == nil { return [] }
        menu = nil
        switch chosen {
        case .palette(let palette): return palette.chosen.map { perform($0) } ?? []
        case .filter(let filter):
            list.selection.filters = filter.chosen
            return selectionChanged()
        case .sort(let sort):
            list.selection.order = sort.order
            return selectionChanged()
        case .copy(let copy):
            say("Sent to your terminal's clipboard: \(copy.chosen)")
            return [.copy(copy.chosen)]
        case .columns(let columns):
            list.columns = columns.chosen
            return [keep(columns.chosen)]
        case .auditFilter(let form):
            let now = now
            return withAudit {
                $0.filter = form
                return $0.select(now: now, &$1)
            }
        case .decision, nil: return []
        }
    }

    /// A paste fills the field in focus, where there is one.
    mutating func pasteIntoMenu(_ text: String) -> [Effect] {
        switch menu {
        case .palette(var palette):
            palette.paste(text)
            menu = .palette(palette)
        case .auditFilter(var form):
            form.paste(text)
            menu = .auditFilter(form)
        case .decision(var form):
            form.paste(text)
            menu = .decision(form)
        default: say("Nothing can be pasted here.", .caution)
        }
        return []
    }
}
