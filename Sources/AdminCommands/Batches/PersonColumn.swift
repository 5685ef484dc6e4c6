import ConvonetCore
import FoundationEssentials

/// What a column of a file says of a person, by its header: it holds that, and nothing else by which people are found.
enum PersonColumn: String, Hashable {
    case id, email, username

    /// nil for a header that says nothing of the kind; `account` may be any of them.
    init?(header: String) {
        self.init(rawValue: header == "e-mail" ? "email" : header)
    }

    /// Whether that is what an account is called, in whichever case; an empty field says nothing.
    func names(_ account: Account, _ text: String) -> Bool {
        let key = AccountSelection(text: text).exactKey
        if key.isEmpty { return true }
        return switch self {
        case .id: UUID(uuidString: key) == account.id
        case .email: key.lowercased() == account.email.lowercased()
        case .username: key.lowercased() == account.username.lowercased()
        }
    }
}
