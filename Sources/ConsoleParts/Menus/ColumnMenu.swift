package import AccountDisplay
package import TerminalKit

/// The columns of the list of accounts: which are shown, and in which order.
package struct ColumnMenu: LineMenu {
    package var title: String { "Columns of the list" }
    package var hints: [Footer.Hint] {
        [
            .choose, Footer.Hint("Space", "show or hide", priority: 8), Footer.Hint("← →", "move", priority: 6),
            Footer.Hint("Enter", "apply", priority: 8),
        ]
    }

    private var columns: [AccountColumn]
    private var shown: Set<AccountColumn>
    package var cursor: MenuCursor

    package init(_ chosen: [AccountColumn]) {
        columns = chosen + AccountColumn.allCases.filter { !chosen.contains($0) }
        shown = Set(chosen)
        cursor = MenuCursor(of: AccountColumn.allCases.count)
    }

    /// What is shown, in order; name and address always are, for without them nobody is told apart.
    package var chosen: [AccountColumn] { columns.filter { shown.contains($0) } }

    package var rows: [MenuRow] {
        columns.map { column in
            let isFixed = AccountColumn.fixed.contains(column)
            return MenuRow(
                text: "[\(shown.contains(column) ? "x" : " ")] \(column.title)",
                note: isFixed ? "always shown" : "")
        }
    }

    package mutating func applyOwn(_ key: Key) -> Bool {
        switch key {
        case .character(" "):
            let column = columns[index]
            guard !AccountColumn.fixed.contains(column) else { break }
            if shown.remove(column) == nil { shown.insert(column) }
        case .left: move(by: -1)
        case .right: move(by: 1)
        default: return false
        }
        return true
    }

    private mutating func move(by step: Int) {
        let target = index + step
        guard columns.indices.contains(target) else { return }
        columns.swapAt(index, target)
        cursor.move(by: step)
    }
}
