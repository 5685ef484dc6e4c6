import OperatingSystem
package import PostgresClient

/// A word that is looked for, as conditions on views of the accounts.
package struct SearchWord {
    /// What was typed.
    package let text: String
    /// Whether addresses or names, or later words of them, must begin with it.
    package let isBeginning: Bool

    /// A word; whether it matches beginnings alone is a matter of its length, unless told.
    package init(_ text: String, isBeginning: Bool? = nil) {
        self.text = text
        self.isBeginning = isBeginning ?? SearchFold.matchesBeginningsOnly(text)
    }

    /// The words of a text, but for those of which nothing is seen.
    package static func all(in text: String) -> [String] {
        text.split { $0.isWhitespace || $0 == "\0" }.map(String.init).filter { !SearchFold.fold($0).isEmpty }
    }

    /// Accounts of `account_search` with the word in addresses or names, or with an id that begins with it.
    package var matches: Statement { orID(isInKey) }

    /// Whether `search_key`, folded text with a space before each part, has the word in it.
    package var isInKey: Statement { "search_key LIKE \(pattern)" }

    /// At least the same accounts of `account_pieces`, and few others, by the search index.
    package var mayMatch: Statement { orID(SearchPieces.condition(on: (isBeginning ? " " : "") + text)) }

    private func orID(_ condition: Statement) -> Statement {
        guard let ids = AccountIDRange(beginning: text) else { return condition }
        return "(\(condition) OR id BETWEEN \(ids.first) AND \(ids.last))"
    }

    /// The server folds what is not ASCII itself, since in some locales it knows no lower case but that of ASCII.
    private var pattern: Statement {
        let before = isBeginning ? "% " : "%"
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return "\(before + Self.literal(text.lowercased()) + "%")" }
        return "\(before) || (SELECT \(SearchFold.word) FROM (SELECT \(Self.literal(text)) AS word) AS typed) || '%'"
    }

    /// The word for a LIKE pattern: `%`, `_` and `\` stand for themselves.
    package static func literal(_ word: String) -> String {
        word.escaping(["\\": "\\\\", "%": "\\%", "_": "\\_"])
    }
}
