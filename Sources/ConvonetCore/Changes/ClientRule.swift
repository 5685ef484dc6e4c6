import Credentials

/// The rules that `record_refusal` takes: what this program refuses before it would call the database.
package enum ClientRule {
    static let unusableAddress = "address_unusable"

    package static var all: [String] {
        PasswordRule.allCases.map(\.rawValue) + [unusableAddress]
            + AccountAction.all.flatMap { action in
                guard case .typedText(let text) = action.value else { return [String]() }
                return text.malformed + text.rules
            }
    }
}
