import FoundationEssentials
import PostgresClient

/// Which accounts a list shows.
public struct AccountSelection: Equatable, Sendable {
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
    public var words: [String] { text.split { $0.isWhitespace || $0 == "\0" }.map(String.init) }

    /// Whether anything limits the list.
    public var isEverybody: Bool { words.isEmpty && filters.isEmpty }

    /// Filters and order in words; nil where everybody is shown in the usual order.
    public var description: String? {
        let parts = filters.map(\.words) + (order == AccountOrder() ? [] : [order.words])
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

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
