/// Why a credential, or a setting about credentials, is not accepted, and what to do next.
///
/// It never carries the credential, nor a part of it, so it may be shown and logged.
public struct CredentialFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rule's identifier, as the audit log records it, such as `password_too_long`.
    public let rule: String

    /// One or two sentences for the person at the keyboard: what is wrong, and the next step.
    public let message: String

    /// A failure under a rule, with the next step in its message.
    public init(rule: String, message: String) {
        self.rule = rule
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
