import ConvonetCore
import TerminalKit

/// The columns to sort by, and which way.
struct SortMenu: Equatable, Sendable {
    private(set) var index: Int
    private(set) var descending: Bool

    init(_ order: AccountOrder) {
        index = AccountOrder.Column.allCases.firstIndex(of: order.column) ?? 0
        descending = order.descending
    }

    var order: AccountOrder { AccountOrder(AccountOrder.Column.allCases[index], descending: descending) }

    var rows: [Menu.Row] {
        AccountOrder.Column.allCases.enumerated().map { place, column in
            Menu.Row(text: AccountOrder(column, descending: place == index && descending).words)
        }
    }

    mutating func apply(_ key: Key) {
        switch key {
        case .up, .character("k"), .backTab: index = max(0, index - 1)
        case .down, .character("j"), .tab: index = min(AccountOrder.Column.allCases.count - 1, index + 1)
        case .character(" "), .left, .right: descending.toggle()
        default: break
        }
    }
}
