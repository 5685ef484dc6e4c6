import NameLikeness

/// What the words of a search may mean that finds nobody, as what is asked of the search index.
struct AlikeMeanings {
    /// One of these meanings.
    struct Meaning {
        /// Which of `unchanged` goes with it.
        var rest: Int
        /// How far it is from what was typed.
        var cost: Int
        /// Pieces of the words that are meant otherwise.
        var pieces: [String]
        /// Patterns for LIKE, one for each of these words: where a name begins with it, and where it is a whole one.
        var beginnings: [String]
        var wholes: [String]

        /// A spelling in place of the word of this number.
        init(_ spelling: AlikeSpelling, word: Int) {
            let letters = spelling.letters.map { $0.map { SearchWord.literal(String(Character($0))) } ?? "_" }.joined()
            let whole = "% \(letters) %"
            (rest, cost) = (word, spelling.difference.rawValue)
            // Everybody has what stands behind the @.
            let name = spelling.letters.firstIndex(of: "@").map { spelling.letters[...$0] } ?? spelling.letters[...]
            pieces = SearchPieces.some(of: [" "] + name, most: AlikeMeanings.mostPieces)
            beginnings = [spelling.isBeginning ? "% \(letters)%" : whole]
            wholes = [whole]
        }

        /// Two words that are both meant otherwise.
        init(_ one: Meaning, _ other: Meaning, rest: Int) {
            self.rest = rest
            cost = one.cost + other.cost
            pieces = one.pieces + other.pieces
            beginnings = one.beginnings + other.beginnings
            wholes = one.wholes + other.wholes
        }
    }

    /// A word as it was typed, wherever search finds it.
    struct Word {
        var pieces: [String]
        var pattern: String

        init(_ text: String) {
            let folded = (SearchFold.matchesBeginningsOnly(text) ? " " : "") + SearchFold.fold(text)
            pieces = SearchPieces.some(of: Array(folded.unicodeScalars), most: AlikeMeanings.mostPiecesOfOther)
            pattern = "%\(SearchWord.literal(folded))%"
        }
    }

    /// The meanings, the likeliest first.
    let all: [Meaning]
    /// For each word, and for each two of them, the others, which are as they were typed.
    let unchanged: [[Word]]

    /// More words than these are nobody's name.
    private static let mostWords = 4
    /// Pieces of a word that are looked up: of one that is meant otherwise, and of one that many have.
    private static let (mostPieces, mostPiecesOfOther) = (16, 3)
    /// Meanings of two words, of which each differs in what is likeliest.
    private static let mostPairs = 100
    /// Meanings that are looked for; each takes some 40 µs where nobody has it.
    private static let most = 400

    /// The meanings of some words; none where no spelling is like one of them.
    init(_ texts: [String]) {
        guard texts.count <= Self.mostWords else {
            (all, unchanged) = ([], [])
            return
        }
        let words = texts.map { Word($0) }
        let single = texts.enumerated().map { number, text in
            AlikeSpellings.of(SearchFold.fold(text)).map { Meaning($0, word: number) }
        }
        let pairs = words.indices.flatMap { one in words.indices.dropFirst(one + 1).map { (one, $0) } }
        let double = pairs.enumerated().flatMap { number, pair in
            Self.pairs(Self.likeliest(single[pair.0]), Self.likeliest(single[pair.1])).prefix(
                Self.mostPairs / pairs.count
            )
            .map { Meaning($0.0, $0.1, rest: words.count + number) }
        }
        all = Array((single.joined() + double).sorted { $0.cost < $1.cost }.prefix(Self.most))
        unchanged = (words.indices.map { [$0] } + pairs.map { [$0, $1] }).map { changed in
            words.indices.filter { !changed.contains($0) }.map { words[$0] }
        }
    }

    /// What is swapped, and what sounds the same, in turn.
    private static func likeliest(_ meanings: [Meaning]) -> [Meaning] {
        func of(_ difference: AlikeSpelling.Difference) -> [Meaning] {
            meanings.filter { $0.cost == difference.rawValue }
        }
        let (swapped, sounds) = (of(.swapped), of(.sound))
        return (0..<max(swapped.count, sounds.count)).flatMap {
            swapped.dropFirst($0).prefix(1) + sounds.dropFirst($0).prefix(1)
        }
    }

    /// Each of some with each of others, the first of both first.
    private static func pairs(_ some: [Meaning], _ others: [Meaning]) -> [(Meaning, Meaning)] {
        let places = some.indices.flatMap { one in others.indices.map { (one, $0) } }
        return places.sorted { $0.0 + $0.1 < $1.0 + $1.1 }.map { (some[$0.0], others[$0.1]) }
    }
}
