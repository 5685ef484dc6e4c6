/// One rule that a password does not meet.
public struct PasswordFinding: Equatable, Sendable {
    /// The rule; its raw value is the audit log's `rule`.
    public let rule: PasswordRule

    /// Which rule it is and how to do better, without any part of the password.
    public let message: String

    /// Whether an operator may let the password through as weak, under the policy it was assessed by.
    ///
    /// Only ``PasswordRule/tooWeak``, and ``PasswordRule/tooShort`` from six code points on, ever are: a missing kind of
    /// character is neither weak nor short, and the login's own rules may turn on it.
    public let isOverridable: Bool
}
