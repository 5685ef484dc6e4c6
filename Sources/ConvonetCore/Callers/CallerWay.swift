public import AccountPolicy

/// The way on which a code goes to a caller.
public enum CallerWay: String, Equatable, Sendable, CaseIterable {
    /// By mail to the account's address.
    case mail = "mail_code"
    /// To the telephone whose number the site has, by a command of its own.
    case text = "text_code"

    /// Its name.
    public var words: String { Self.words(rawValue) }

    /// What the log calls one or several, in words.
    public static func words(_ names: String) -> String {
        names.replacing("_", with: " ").replacing("+", with: " and ")
    }

    /// The points that it is worth.
    public func points(_ policy: Policy) -> Int { self == .mail ? policy.mailCodePoints : policy.textCodePoints }
}
