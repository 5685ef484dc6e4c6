package import ConvonetCore
package import TerminalKit

/// The columns to sort by, and which way.
package struct SortMenu: LineMenu {
    package var title: String { "Sort" }
    package var hints: [Footer.Hint] {
        [.choose, Footer.Hint("Space", "reverse", priority: 6), Footer.Hint("Enter", "sort", priority: 8)]
    }

    package var cursor: MenuCursor
    package private(set) var descending: Bool

    package init(_ order: AccountOrder) {
        cursor = MenuCursor(
            AccountOrder.Column.allCases.firstIndex(of: order.column) ?? 0, of: AccountOrder.Column.allCases.count)
        descending = order.descending
    }

    package var order: AccountOrder { AccountOrder(AccountOrder.Column.allCases[index], descending: descending) }

    package var rows: [MenuRow] {
        AccountOrder.Column.allCases.enumerated().map { place, column in
            MenuRow(text: AccountOrder(column, descending: place == index && descending).words)
        }
    }

    package mutating func applyOwn(_ key: Key) -> Bool {
        guard [.character(" "), .left, .right].contains(key) else { return false }
        descending.toggle()
        return true
    }
}
