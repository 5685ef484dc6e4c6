import ConvonetCore
import FoundationEssentials

/// What a column of a file says of a person, by its header: it holds that, and nothing else by which people are found.
enum PersonColumn: String, Hashable {
    case id, email, username
    /// Any of the three.
    case account

    /// Other headers that people give their columns.
    private static let others: [String: PersonColumn] = [
        "e-mail": .email, "mail": .email, "e-mail address": .email, "email address": .email, "user name": .username,
    ]

    /// nil for a header that says nothing of the kind.
    init?(header: String) {
        guard let column = Self(rawValue: header) ?? Self.others[header] else { return nil }
        self = column
    }

    /// Whether that is what an account is called, in whichever case; an empty field says nothing.
    func names(_ account: Account, _ text: String) -> Bool {
        let key = AccountSelection(text: text).exactKey
        if key.isEmpty { return true }
        return switch self {
        case .id: UUID(uuidString: key) == account.id
        case .email: Self.isSame(key, account.email)
        case .username: Self.isSame(key, account.username)
        case .account: [Self.id, .email, .username].contains { $0.names(account, text) }
        }
    }

    /// By their code points: what only looks the same may be somebody else's.
    private static func isSame(_ key: String, _ name: String) -> Bool {
        key.lowercased().unicodeScalars.elementsEqual(name.lowercased().unicodeScalars)
    }
}
