import ConvonetCore
import TerminalKit

/// What of an account can be copied: identifiers, never a secret.
struct CopyMenu: LineMenu {
    var title: String { "Copy to the terminal's clipboard" }
    var hints: [Footer.Hint] { [.choose, Footer.Hint("Enter", "copy", priority: 8)] }

    private let values: [String]
    private var cursor = MenuCursor(of: labels.count)

    private static let labels = ["e-mail", "username", "id"]

    init(_ account: Account) {
        values = [account.email, account.username, account.idText]
    }

    var index: Int { cursor.index }

    var chosen: String { values[index] }

    var rows: [MenuRow] {
        zip(Self.labels, values).enumerated().map { place, pair in
            MenuRow(text: MenuCursor.mark(place) + pair.1, note: pair.0)
        }
    }

    mutating func apply(_ key: Key) {
        switch key {
        case .character("e"): cursor = MenuCursor(0, of: values.count)
        case .character("u"): cursor = MenuCursor(1, of: values.count)
        case .character("i"): cursor = MenuCursor(2, of: values.count)
        default: _ = cursor.apply(key)
        }
    }
}
