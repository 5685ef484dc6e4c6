import FoundationEssentials
import PostgresClient
import SearchText

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
    /// Whether not those are meant who have the words, but those whose names sound or are typed like them, the most alike
    /// first: what is looked for where nobody has them.
    public var isAlike = false

    /// A selection; everybody, by e-mail address, unless told.
    public init(text: String = "", filters: [Filter] = [], order: AccountOrder = AccountOrder()) {
        self.text = text
        self.filters = filters
        self.order = order
    }

    /// The words of the text, but for those of which nothing is seen.
    public var words: [String] { SearchWord.all(in: text) }

    /// Those of the words that look like a part of an id, of which only the beginning is searched.
    public var wordsLikeIDs: [String] { words.filter(AccountIDRange.resemblesID) }

    /// Whether anything limits the list.
    public var isEverybody: Bool { words.isEmpty && filters.isEmpty }

    /// The text as one key that an account might have exactly.
    package var exactKey: String { words.joined(separator: " ") }

    /// Whom the text names exactly by e-mail address, username or id, as it is or in lower case.
    var exactMatch: Statement {
        let (key, lower) = (exactKey, exactKey.lowercased())
        let byID: Statement = UUID(uuidString: key).map { " OR id = \($0)" } ?? ""
        return "(email IN (\(key), \(lower)) OR username IN (\(key), \(lower))\(byID))"
    }

    /// The same, where the filters hold too.
    var exactConditions: Statement { all(of: [exactMatch]) }

    /// Conditions on `convonet_admin.accounts`, or with words on `account_search`; always at least one.
    var conditions: Statement { all(of: words.map { SearchWord($0).matches }) }

    /// Conditions on `account_pieces` that hold for at least the same accounts, and few others, by the search index.
    var conditionsByIndex: Statement { all(of: words.map { SearchWord($0).mayMatch }) }

    /// The conditions of the filters alone.
    var filterConditions: Statement { all(of: []) }

    private func all(of conditions: [Statement]) -> Statement {
        (conditions + filters.map(\.condition)).reduce("true") { "\($0) AND \($1)" }
    }
}
