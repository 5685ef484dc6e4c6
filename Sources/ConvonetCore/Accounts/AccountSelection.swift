import FoundationEssentials
import PostgresClient

/// Which accounts a list shows.
public struct AccountSelection: Equatable, Sendable {
    /// States that a list can be limited to; several must all hold.
    public enum Filter: String, CaseIterable, Sendable {
        /// Not active.
        case inactive
        /// E-mail address not verified.
        case unverified
        /// No voice PIN set.
        case noPIN = "no-pin"
        /// Signs in elsewhere.
        case external
        /// Has never signed in.
        case neverSignedIn = "never-signed-in"

        var condition: Statement {
            switch self {
            case .inactive: "NOT is_active"
            case .unverified: "NOT is_verified"
            case .noPIN: "NOT has_voice_pin"
            case .external: "sign_in = 'external'"
            case .neverSignedIn: "last_login_at IS NULL"
            }
        }
    }

    /// What was typed: words that must all be in e-mail, username or names, in any order and any case.
    public var text: String
    /// What else must hold.
    public var filters: [Filter]
    /// The order.
    public var order: AccountOrder

    /// A selection; everybody, by e-mail address, unless told.
    public init(text: String = "", filters: [Filter] = [], order: AccountOrder = AccountOrder()) {
        self.text = text
        self.filters = filters
        self.order = order
    }

    /// The words of the text.
    public var words: [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

    /// Whether anything limits the list.
    public var isEverybody: Bool { words.isEmpty && filters.isEmpty }

    /// The text as one key that an account might have exactly.
    var exactKey: String { words.joined(separator: " ") }

    /// Conditions on the view; always at least one.
    var conditions: Statement {
        var all: Statement = "true"
        for word in words { all = "\(all) AND search_text ILIKE \(Self.pattern(containing: word))" }
        for filter in filters { all = "\(all) AND \(filter.condition)" }
        return all
    }

    /// A LIKE pattern for text that contains the word itself: `%`, `_` and `\` stand for themselves.
    static func pattern(containing word: String) -> String {
        "%" + word.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_") + "%"
    }
}
