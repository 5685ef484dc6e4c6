import FoundationEssentials
import PostgresClient

/// Which accounts a list shows.
public struct AccountSelection: Equatable, Sendable {
    /// What was typed: words that must all be in e-mail, username or names, in any order, any case and without regard to
    /// accents; those of one or two letters at the beginning of one of them. A word of four letters or more may also be
    /// the beginning of an id.
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

    /// Whom the text names exactly by e-mail address, username or id, as it is or in lower case.
    var exactMatch: Statement {
        let (key, lower) = (exactKey, exactKey.lowercased())
        let byID: Statement = UUID(uuidString: key).map { " OR id = \($0)" } ?? ""
        return "(email IN (\(key), \(lower)) OR username IN (\(key), \(lower))\(byID))"
    }

    /// Conditions on the view; always at least one.
    var conditions: Statement {
        var all: Statement = "true"
        for word in words { all = "\(all) AND \(Self.condition(on: word))" }
        for filter in filters { all = "\(all) AND \(filter.condition)" }
        return all
    }

    /// Accounts with the word somewhere in addresses or names, or with an id that begins with it.
    private static func condition(on word: String) -> Statement {
        let text = SearchFold.matchesBeginningsOnly(word) ? beginning(with: word) : key("%", word)
        guard let ids = AccountIDRange(beginning: word) else { return text }
        return "(\(text) OR id BETWEEN \(ids.first) AND \(ids.last))"
    }

    /// Accounts of which an address or a name begins with the text, or a later word of one.
    static func beginning(with text: String) -> Statement { key("% ", text) }

    private static func key(_ before: String, _ text: String) -> Statement {
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            return "search_key LIKE \(before + literal(text.lowercased()) + "%")"
        }
        return
            "search_key LIKE \(before) || (SELECT \(SearchFold.word) FROM (SELECT \(literal(text)) AS word) AS w) || '%'"
    }

    /// The word for a LIKE pattern: `%`, `_` and `\` stand for themselves.
    private static func literal(_ word: String) -> String {
        word.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}
