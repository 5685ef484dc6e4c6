import Credentials

/// The rules that `record_refusal` takes: what this program refuses before it would call the database.
package enum ClientRule {
    static let unusableAddress = "address_unusable"
    static let malformedPIN = ["pin_empty", "pin_not_digits", "pin_not_ascii_digits", "pin_wrong_length"]

    package static var all: [String] {
        PasswordRule.allCases.map(\.rawValue) + PINPattern.allCases.map(\.rule) + [unusableAddress] + malformedPIN
    }
}
