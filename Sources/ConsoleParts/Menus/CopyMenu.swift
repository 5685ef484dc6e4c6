package import ConvonetCore
package import TerminalKit

/// What of an account can be copied: identifiers, never a secret.
package struct CopyMenu: LineMenu {
    package var title: String { "Copy to the terminal's clipboard" }
    package var hints: [Footer.Hint] { [.choose, Footer.Hint("Enter", "copy", priority: 8)] }

    private let values: [String]
    package var cursor = MenuCursor(of: labels.count)

    private static let labels = ["e-mail", "username", "id"]

    package init(_ account: Account) {
        values = [account.email, account.username, account.idText]
    }

    package var chosen: String { values[index] }

    package var rows: [MenuRow] {
        zip(Self.labels, values).map { MenuRow(text: $1, note: $0) }
    }

    /// The first letter of a label goes to its line.
    package mutating func applyOwn(_ key: Key) -> Bool {
        guard case .character(let letter) = key, let index = Self.labels.firstIndex(where: { $0.first == letter })
        else { return false }
        cursor = MenuCursor(index, of: values.count)
        return true
    }
}
