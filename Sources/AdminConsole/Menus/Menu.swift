import ConvonetCore
import TerminalKit

/// A list to choose from in a dialog, over whatever is on the screen.
enum Menu: Equatable, Sendable {
    case palette(ActionPalette)
    case filter(FilterMenu)
    case sort(SortMenu)
    case copy(CopyMenu)

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
        case .filter: "Filter: who is shown"
        case .sort: "Sort"
        case .copy: "Copy to the terminal's clipboard"
        }
    }

    var hints: [Footer.Hint] {
        let choose = Footer.Hint("↑↓", "choose", priority: 7)
        let cancel = Footer.Hint("Esc", "close", priority: 9)
        return switch self {
        case .palette:
            [Footer.Hint("type", "to find", priority: 5), choose, Footer.Hint("Enter", "do it", priority: 8), cancel]
        case .filter:
            [
                choose, Footer.Hint("Space", "on or off", priority: 8), Footer.Hint("← →", "days", priority: 6),
                Footer.Hint("Enter", "show", priority: 8), cancel,
            ]
        case .sort:
            [
                choose, Footer.Hint("Space", "turn round", priority: 6), Footer.Hint("Enter", "sort", priority: 8),
                cancel,
            ]
        case .copy: [choose, Footer.Hint("Enter", "copy", priority: 8), cancel]
        }
    }
}

extension Console {
    mutating func updateMenu(_ key: Key) -> [Effect] {
        if key == .escape || key == .control("c") {
            menu = nil
            return []
        }
        switch menu {
        case .palette(var palette):
            if key == .enter {
                menu = nil
                return palette.chosen.map { perform($0) } ?? []
            }
            palette.apply(key)
            menu = .palette(palette)
        case .filter(var filter):
            if key == .enter {
                menu = nil
                list.selection.filters = filter.chosen
                return selectionChanged()
            }
            filter.apply(key)
            menu = .filter(filter)
        case .sort(var sort):
            if key == .enter {
                menu = nil
                list.selection.order = sort.order
                return selectionChanged()
            }
            sort.apply(key)
            menu = .sort(sort)
        case .copy(var copy):
            if key == .enter {
                menu = nil
                say("Sent to the terminal's clipboard, if it takes that: \(copy.chosen)")
                return [.copy(copy.chosen)]
            }
            copy.apply(key)
            menu = .copy(copy)
        case nil: break
        }
        return []
    }

    func drawMenu(_ menu: Menu, into buffer: inout Buffer) {
        let (rows, index): ([Menu.Row], Int) =
            switch menu {
            case .palette(let palette): (palette.rows(self), palette.rowIndex)
            case .filter(let filter): (filter.rows, filter.index)
            case .sort(let sort): (sort.rows, sort.index)
            case .copy(let copy): (copy.rows, copy.index)
            }
        var field: TextField?
        if case .palette(let palette) = menu { field = palette.query }
        let head = field == nil ? 0 : 2
        let inner = Dialog(
            title: menu.title, columns: 66, rows: min(rows.count + head, buffer.size.rows - 4), style: .title
        ).draw(into: &buffer)
        field?.draw(into: &buffer, column: inner.column, row: inner.row, columns: inner.columns, focused: true)
        let visible = max(0, inner.rows - head)
        let first = max(0, min(index - visible / 2, rows.count - visible))
        for (offset, row) in rows.dropFirst(first).prefix(visible).enumerated() {
            let isSelected = first + offset == index && row.isChoice
            let at = inner.row + head + offset
            let style: Style = isSelected ? .selected : row.style
            if isSelected {
                buffer.fill(Rect(column: inner.column, row: at, columns: inner.columns, rows: 1), style: .selected)
                if field == nil { buffer.cursor = Position(column: inner.column, row: at) }
            }
            buffer.write(
                (isSelected ? "> " : "  ") + row.text, column: inner.column, row: at, style: style, limit: inner.columns
            )
            let noteColumns = TextWidth.columns(of: row.note)
            let room = inner.columns - 4 - TextWidth.columns(of: row.text)
            if noteColumns > 0, noteColumns <= room {
                buffer.write(
                    row.note, column: inner.column + inner.columns - noteColumns, row: at,
                    style: isSelected ? .selected : .dim)
            }
        }
    }
}
