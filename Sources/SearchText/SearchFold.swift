// The standard library's own normalization: without it Foundation, and its start-up time, would have to come along.
package import PostgresClient
@_spi(_Unicode) import Swift

/// What search takes for the same: text without accents and in lower case. In Swift and in SQL alike.
///
/// Canonical decomposition (UAX #15), lower case, U+0300 to U+036F and what joins or parts letters unseen taken out, the
/// apostrophes ‘, ’ and ʼ made plain, canonical composition. Letters of their own stay what they are: ø, ł, ß.
public enum SearchFold {
    /// The text as search compares it; “José” becomes “jose”.
    public static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        if isThreeBytesEach(text) {
            return text.unicodeScalars.contains(where: isUnseen)
                ? String(String.UnicodeScalarView(text.unicodeScalars.filter { !isUnseen($0) })) : text
        }
        var folded = String.UnicodeScalarView()
        for scalar in text._nfd {
            for lower in scalar.properties.lowercaseMapping.unicodeScalars where !isMark(lower) && !isUnseen(lower) {
                folded.append(isApostrophe(lower) ? "'" : lower)
            }
        }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: String(folded)._nfc)
        return String(composed)
    }

    /// Whether a word is looked for at the beginnings of names and addresses only: one or two letters are too few for
    /// an index of three-letter pieces, and would be found in nearly everybody.
    public static func matchesBeginningsOnly(_ word: String) -> Bool { fold(word).unicodeScalars.count < 3 }

    /// Where the words are in a text, each place as often as it matches, in no order.
    ///
    /// A place always covers whole characters, accents included.
    public static func places(of words: [String], in text: String) -> [Range<String.Index>] {
        var scalars: [Unicode.Scalar] = []
        var starts: [String.Index] = []
        for index in text.indices {
            for scalar in fold(String(text[index])).unicodeScalars {
                scalars.append(scalar)
                starts.append(index)
            }
        }
        return words.flatMap { word in
            let wanted = Array(fold(word).unicodeScalars)
            guard !wanted.isEmpty, wanted.count <= scalars.count else { return [Range<String.Index>]() }
            let isBeginning = matchesBeginningsOnly(word)
            return (0...(scalars.count - wanted.count)).compactMap { start in
                guard scalars[start...].starts(with: wanted), !isBeginning || start == 0 || scalars[start - 1] == " "
                else { return nil }
                return starts[start]..<text.index(after: starts[start + wanted.count - 1])
            }
        }
    }

    /// The same fold as an expression of SQL, of texts with a blank between them, from built-in immutable functions alone:
    /// the application's own INSERT evaluates it for the search index, with the application's rights and search_path.
    ///
    /// ASCII, nearly all addresses, is done in the locale "C", which no server's locale changes (Turkish has another i).
    /// Text of three bytes a character, such as Chinese, has nothing to fold but what is not seen.
    package static func sql(_ texts: String...) -> String { sql(texts, collations: ("", "")) }

    /// `collations` are those that letters of no case and other letters are given, where they have none of their own that
    /// would do.
    private static func sql(_ texts: [String], collations: (plain: String, letters: String)) -> String {
        let letters = texts.joined(separator: " || ")
        let text = "(" + texts.joined(separator: " || ' ' || ") + ")"
        return """
            CASE octet_length(\(letters)) WHEN length(\(letters)) THEN lower(\(text) COLLATE "C") \
            WHEN 3 * length(\(letters)) THEN translate(\(text), E'\(unseen)', '')\(collations.plain) \
            ELSE normalize(translate(regexp_replace(lower(normalize(\(text)\(collations.letters), NFD)), '[\\u0300-\\u036f]', '', 'g'), \
            E'\\u2018\\u2019\\u02bc\(unseen)', ''''''''), NFC)\(collations.plain) END
            """
    }

    /// Soft hyphen, joiners and non-joiners, marks of direction, and spaces of no width, as escapes: whoever types a name leaves
    /// them out or not, and nobody sees which.
    private static let unseen = #"\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"#

    /// True in SQL where the catalogue's tree of an expression (pg_node_tree as text) is this fold's, and not an earlier
    /// program's: where it has U+200D in it. A constant's bytes stand in a tree as numbers, which have signs on some machines
    /// (outfuncs.c prints them as `char`).
    package static func isInForce(in tree: String) -> String {
        "(strpos(\(tree), ' -30 -128 -115 ') > 0 OR strpos(\(tree), ' 226 128 141 ') > 0)"
    }

    /// The folded form of a column `word`. Words are folded by the server itself, since in some locales it knows no
    /// lower case but that of ASCII.
    package static let word = Statement(trusted: sql("word"))

    /// What search runs on, as SQL over the columns of the users' table: each begins with a space. Two folds for four
    /// columns: the planner, which looks at each of them, takes longer than a page of rows.
    package static func sqlKey(table: String? = nil) -> String {
        func column(_ name: String) -> String { "(\(table.map { $0 + "." } ?? "")\(name))::text" }
        return
            "' ' || \(sql(column("email"), column("username"))) || ' ' || \(sql(column("first_name"), column("last_name")))"
    }

    /// The same text where nobody's is NULL and no collation is in the way: a column may have one that knows neither LIKE nor
    /// regular expressions. The index cannot be of this one: it would have to be built anew.
    package static let sqlKeyOfAnybody: String = {
        func part(_ first: String, _ second: String) -> String {
            sql(
                ["coalesce((a.\(first))::text, '')", "coalesce((a.\(second))::text, '')"],
                collations: (" COLLATE \"C\"", " COLLATE \"default\""))
        }
        return "' ' || \(part("email", "username")) || ' ' || \(part("first_name", "last_name"))"
    }()

    private static func isThreeBytesEach(_ text: String) -> Bool {
        text.utf8.count == 3 * text.unicodeScalars.count
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        "\u{2018}\u{2019}\u{2BC}".unicodeScalars.contains(scalar)
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x200B...0x200F, 0x2060, 0xFEFF: true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool { (0x0300...0x036F).contains(scalar.value) }
}
