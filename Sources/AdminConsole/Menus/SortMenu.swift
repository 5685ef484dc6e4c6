import ConvonetCore
import TerminalKit

/// The columns to sort by, and which way.
struct SortMenu: LineMenu {
    var title: String { "Sort" }
    var hints: [Footer.Hint] {
        [.choose, Footer.Hint("Space", "reverse", priority: 6), Footer.Hint("Enter", "sort", priority: 8)]
    }

    var cursor: MenuCursor
    private(set) var descending: Bool

    init(_ order: AccountOrder) {
        cursor = MenuCursor(
            AccountOrder.Column.allCases.firstIndex(of: order.column) ?? 0, of: AccountOrder.Column.allCases.count)
        descending = order.descending
    }

    var order: AccountOrder { AccountOrder(AccountOrder.Column.allCases[index], descending: descending) }

    var rows: [MenuRow] {
        AccountOrder.Column.allCases.enumerated().map { place, column in
            MenuRow(text: AccountOrder(column, descending: place == index && descending).words)
        }
    }

    mutating func applyOwn(_ key: Key) -> Bool {
        guard [.character(" "), .left, .right].contains(key) else { return false }
        descending.toggle()
        return true
    }
}
