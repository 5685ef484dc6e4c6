/// A voice PIN of the right form; it prints as `<pin>`, and its digits are wiped when the last reference goes.
public struct VoicePIN: Equatable, Sendable {
    /// The digits, each an ASCII byte: to be bound as a parameter.
    public let secret: Secret

    /// Takes ASCII digits and nothing else, as many as the limits within ``PINRules/lengthRange`` say.
    ///
    /// - Throws: `pin_empty`, `pin_not_ascii_digits` (digits of another script), `pin_not_digits` or `pin_wrong_length`.
    public init(parsing secret: Secret, lengths: ClosedRange<Int> = PINRules.lengthRange) throws(CredentialFailure) {
        if secret.isEmpty {
            throw CredentialFailure(rule: "pin_empty", message: "The PIN is empty. Enter digits, or issue one instead.")
        }
        var hasOtherDigits = false
        var hasOthers = !secret.isValidUTF8
        secret.forEachScalar { scalar in
            if (0x30...0x39).contains(scalar.value) { return }
            if scalar.properties.generalCategory == .decimalNumber { hasOtherDigits = true } else { hasOthers = true }
        }
        if let fault = secret.entryFault {
            throw CredentialFailure(
                rule: "pin_not_digits",
                message: "The PIN contains an invisible character (\(fault.character)). Enter digits only.")
        }
        if hasOthers {
            throw CredentialFailure(
                rule: "pin_not_digits",
                message: "A PIN has digits only: no letters, spaces or signs. Enter it again with 0 to 9.")
        }
        if hasOtherDigits {
            throw CredentialFailure(
                rule: "pin_not_ascii_digits",
                message: "These are digits of another script, which the phone line does not accept. Use 0 to 9.")
        }
        let allowed = lengths.clamped(to: PINRules.lengthRange)
        guard allowed.contains(secret.byteCount) else {
            let wanted =
                allowed.count == 1 ? "\(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
            throw CredentialFailure(
                rule: "pin_wrong_length",
                message:
                    "The PIN has \(secret.byteCount) digit\(secret.byteCount == 1 ? "" : "s"). Enter \(wanted) digits.")
        }
        self.secret = secret
    }
}

extension VoicePIN: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<pin>`.
    public var description: String { "<pin>" }

    /// Always `<pin>`.
    public var debugDescription: String { "<pin>" }

    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
