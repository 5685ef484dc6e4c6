package import PostgresClient

/// The pieces of three letters that the search index holds, from built-in immutable functions alone: the application's
/// own INSERT evaluates them, with the application's rights and search_path.
///
/// Unlike the trigrams of pg_trgm they are the text's own letters, blanks and signs included, so that an index of arrays
/// serves and its answer need not be checked against each row's text: that check takes most of a search's time.
package enum SearchPieces {
    /// The pieces of a folded text, as an array in SQL.
    ///
    /// Each blank counts as two: “  k” is then the piece of what begins with k. No function gives pieces that overlap,
    /// so three rows of them are put together, each begun one letter later; shorter ones at their ends do no harm.
    package static func sql(of key: String) -> String {
        let rows = (1...3).map { start in
            """
            string_to_array(regexp_replace(substr(replace(\(key), ' ', '  '), \(start)), '(...)', E'\\\\1\\x1F', 'g'), E'\\x1F')
            """
        }
        return "(\(rows.joined(separator: " || "))) COLLATE \"C\""
    }

    /// Texts of more pieces are looked up by some of them.
    private static let mostPieces = 6
    /// The pieces of such a text, spread evenly over it, that hardly anything else has together.
    private static let chosenPieces = 5

    /// Rows that have the pieces of a text: at least those that contain it, and few others.
    ///
    /// A long text makes three conditions, of its beginning, its end and its middle: from one to the next GIN jumps along the
    /// lists, where of one array it looks into every list for each row of what it takes for the shortest. As lists grow with
    /// the table, that is a fourth of the time at ten million people, at the price of a third of a millisecond for the plan;
    /// a condition for each piece gains no more and costs more. The first is one piece, so that a text that begins like
    /// nobody's ends the search at once.
    package static func condition(on text: String) -> Statement {
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            let wide = Array(text.lowercased().replacing(" ", with: "  "))
            let pieces = wide.indices.dropLast(2).map { String(wide[$0...$0 + 2]) }
            if pieces.count <= mostPieces { return "search_pieces @> \(pieces)" }
            let chosen = (0..<chosenPieces).map { pieces[$0 * (pieces.count - 1) / (chosenPieces - 1)] }
            return """
                search_pieces @> \(Array(chosen.prefix(1))) AND search_pieces @> \(Array(chosen.suffix(2))) \
                AND search_pieces @> \(Array(chosen[1...2]))
                """
        }
        return """
            search_pieces @> ARRAY(SELECT substr(wide, i, 3) FROM (SELECT replace(\(SearchFold.word), ' ', '  ') AS wide \
            FROM (SELECT \(text) AS word) AS typed) AS folded, generate_series(1, length(wide) - 2) AS i)
            """
    }

    /// Pieces that whatever has these letters has, at most so many, spread evenly over them; nil is a letter that is not known.
    package static func some(of letters: [Unicode.Scalar?], most: Int) -> [String] {
        let wide = letters.flatMap { $0 == " " ? [$0, $0] : [$0] }
        let pieces = wide.indices.dropLast(2).compactMap { start -> String? in
            let piece = wide[start...start + 2].compactMap { $0 }
            return piece.count < 3 ? nil : String(String.UnicodeScalarView(piece))
        }
        guard pieces.count > most else { return pieces }
        return (0..<most).map { pieces[$0 * (pieces.count - 1) / (most - 1)] }
    }
}
