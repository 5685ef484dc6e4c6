import NameLikeness
import SearchText

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

        fileprivate init(_ choice: Choice) {
            (rest, cost) = (choice.rest, choice.cost)
            pieces = choice.spellings.flatMap(Self.pieces)
            wholes = choice.spellings.map { "% \(Self.pattern($0)) %" }
            beginnings = choice.spellings.map { "% \(Self.pattern($0))\($0.isBeginning ? "" : " ")%" }
        }

        /// Of an address those before the @ are enough, for everybody has what stands behind it.
        private static func pieces(_ spelling: AlikeSpelling) -> [String] {
            guard let end = spelling.letters.firstIndex(of: "@") else {
                return SearchPieces.some(of: [" "] + spelling.letters, most: AlikeMeanings.mostPieces)
            }
            return SearchPieces.some(of: [" "] + spelling.letters[...end], most: AlikeMeanings.mostPiecesOfAddress)
        }

        private static func pattern(_ spelling: AlikeSpelling) -> String {
            var pattern = String.UnicodeScalarView()
            for letter in spelling.letters {
                if let letter, "%_\\".unicodeScalars.contains(letter) { pattern.append("\\") }
                pattern.append(letter ?? "_")
            }
            return String(pattern)
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

    /// Spellings in place of one word or two.
    fileprivate struct Choice {
        var rest: Int
        var spellings: [AlikeSpelling]
        var cost: Int { spellings.reduce(0) { $0 + $1.difference.rawValue } }
    }

    /// The meanings, the likeliest first.
    let all: [Meaning]
    /// For each word, and for each two of them, the others, which are as they were typed.
    let unchanged: [[Word]]

    /// More words than these are nobody's name.
    private static let mostWords = 4
    /// Pieces that are looked up of a word that is meant otherwise, of an address, and of a word beside it.
    private static let (mostPieces, mostPiecesOfAddress, mostPiecesOfOther) = (8, 16, 3)
    /// Meanings of two words, of which each differs in what is likeliest.
    private static let mostPairs = 100
    /// Meanings that are looked for; each takes some 50 µs where nobody has it.
    private static let most = 300

    /// The meanings of some words; none where no spelling is like one of them.
    init(_ texts: [String]) {
        guard texts.count <= Self.mostWords else {
            (all, unchanged) = ([], [])
            return
        }
        let spellings = texts.map { AlikeSpellings.of(SearchFold.fold($0)) }
        let pairs = texts.indices.flatMap { one in texts.indices.dropFirst(one + 1).map { (one, $0) } }
        let single = spellings.enumerated().flatMap { word, all in all.map { Choice(rest: word, spellings: [$0]) } }
        let double = pairs.enumerated().flatMap { number, pair in
            Self.pairs(Self.likeliest(spellings[pair.0]), Self.likeliest(spellings[pair.1]))
                .prefix(Self.mostPairs / pairs.count).map { Choice(rest: texts.count + number, spellings: $0) }
        }
        all = (double + single).sorted { $0.cost < $1.cost }.prefix(Self.most).map(Meaning.init)
        let words = texts.map { Word($0) }
        unchanged = (texts.indices.map { [$0] } + pairs.map { [$0, $1] }).map { changed in
            words.indices.filter { !changed.contains($0) }.map { words[$0] }
        }
    }

    /// What is swapped, and what sounds the same, in turn.
    private static func likeliest(_ spellings: [AlikeSpelling]) -> [AlikeSpelling] {
        let swapped = spellings.filter { $0.difference == .swapped }
        let sounds = spellings.filter { $0.difference == .sound }
        return (0..<max(swapped.count, sounds.count)).flatMap {
            swapped.dropFirst($0).prefix(1) + sounds.dropFirst($0).prefix(1)
        }
    }

    /// Each of some with each of others, the first of both first.
    private static func pairs(_ some: [AlikeSpelling], _ others: [AlikeSpelling]) -> [[AlikeSpelling]] {
        let places = some.indices.flatMap { one in others.indices.map { (one, $0) } }
        return places.sorted { $0.0 + $0.1 < $1.0 + $1.1 }.map { [some[$0.0], others[$0.1]] }
    }
}
