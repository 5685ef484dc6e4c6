import ConvonetCore
import TerminalKit

/// What of an account can be copied: identifiers, never a secret.
struct CopyMenu: Equatable, Sendable {
    private let values: [String]
    private(set) var index = 0

    private static let labels = ["e-mail", "username", "id"]

    init(_ account: Account) {
        values = [account.email, account.username, account.idText]
    }

    var chosen: String { values[index] }

    var rows: [Menu.Row] { zip(Self.labels, values).map { Menu.Row(text: $0.1, note: $0.0) } }

    mutating func apply(_ key: Key) {
        switch key {
        case .up, .character("k"), .backTab: index = max(0, index - 1)
        case .down, .character("j"), .tab: index = min(values.count - 1, index + 1)
        case .character("e"): index = 0
        case .character("u"): index = 1
        case .character("i"): index = 2
        default: break
        }
    }
}
