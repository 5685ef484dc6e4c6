/// Spellings of the same sound, each for each other, in names of European languages as search folds them.
struct SoundRule: Sendable {
    enum Place: Sendable { case anywhere, beginning, end }

    let spellings: [[Unicode.Scalar]]
    let place: Place
    /// Whether it may be together with another in one word; the others are rare, or change little.
    let isCombined: Bool

    private init(_ spellings: String, _ place: Place = .anywhere, isCombined: Bool = true) {
        self.spellings = spellings.split(separator: " ").map { Array($0.unicodeScalars) }
        self.place = place
        self.isCombined = isCombined
    }

    static let all = [
        SoundRule("ei ey ai ay"), SoundRule("eier eyer aier ayer eyr ayr eir air", isCombined: false),
        SoundRule("ph f v"), SoundRule("c k ck ch"), SoundRule("th t"), SoundRule("ie i y"),
        SoundRule("ie y i ey ee", .end),
        SoundRule("dt tt t d th", .end), SoundRule("ks x"), SoundRule("qu kw"),
        SoundRule("c q k", .beginning, isCombined: false),
        SoundRule("sch sh ch"), SoundRule("cz tsch ch"), SoundRule("sz s z ss"), SoundRule("tz z ts"), SoundRule("j y"),
        SoundRule("ou u oo"), SoundRule("kh h ch"), SoundRule("gh g"), SoundRule("w v"), SoundRule("wh w", .beginning),
        // Umlauts that were written out, and letters that are no letter with an accent.
        SoundRule("ae a æ"), SoundRule("oe o ø œ"), SoundRule("ue u"), SoundRule("aa a"), SoundRule("ss ß"),
        SoundRule("th þ"),
        SoundRule("d ð đ", isCombined: false), SoundRule("l ł", isCombined: false), SoundRule("i ı", isCombined: false),
        SoundRule("mac mc", .beginning), SoundRule("kn n", .beginning), SoundRule("wr r", .beginning),
        SoundRule("ov ow off of", .end), SoundRule("ev ew eff", .end), SoundRule("ski sky skij skiy", .end),
        SoundRule("son sen sson ssen", .end), SoundRule("ah a", .end), SoundRule("e ie", .end, isCombined: false),
    ]

    private func fits(_ count: Int, at place: Int, in word: [Unicode.Scalar]) -> Bool {
        switch self.place {
        case .anywhere: true
        case .beginning: place == 0
        case .end: place + count == word.count && place > 0
        }
    }

    /// What stands in a word in several spellings, and what may stand there instead.
    private static func places(_ word: [Unicode.Scalar]) -> [(
        range: Range<Int>, other: [Unicode.Scalar], isCombined: Bool
    )] {
        word.indices.flatMap { start in
            all.flatMap { rule in
                rule.spellings.flatMap { spelling in
                    guard word[start...].starts(with: spelling), rule.fits(spelling.count, at: start, in: word) else {
                        return [(Range<Int>, [Unicode.Scalar], Bool)]()
                    }
                    return rule.spellings.filter { $0 != spelling }.map {
                        (start..<start + spelling.count, $0, rule.isCombined)
                    }
                }
            }
        }
    }

    private static let vowels = Set("aeiouy".unicodeScalars)

    /// Consonants behind a vowel once for twice, and twice for once.
    private static func doublings(_ word: [Unicode.Scalar]) -> [(
        range: Range<Int>, other: [Unicode.Scalar], isCombined: Bool
    )] {
        word.indices.dropFirst().compactMap { place in
            let letter = word[place]
            guard Unicode.Scalar("a")...Unicode.Scalar("z") ~= letter, !vowels.contains(letter),
                vowels.contains(word[place - 1])
            else { return nil }
            let isDouble = place + 1 < word.count && word[place + 1] == letter
            return isDouble ? (place..<place + 2, [letter], true) : (place..<place + 1, [letter, letter], false)
        }
    }

    /// More than these are not worth looking for.
    private static let most = (single: 60, double: 100)

    /// The spellings of a word that sound the same, by one difference or by two.
    static func alike(_ word: [Unicode.Scalar]) -> (single: [[Unicode.Scalar]], double: [[Unicode.Scalar]]) {
        let places = places(word) + doublings(word)
        // Several letters for one sound are the likeliest to be spelled otherwise.
        let combined = places.filter(\.isCombined).sorted { $0.range.count > $1.range.count }
        func replaced(
            _ place: (range: Range<Int>, other: [Unicode.Scalar], isCombined: Bool), in word: [Unicode.Scalar]
        ) -> [Unicode.Scalar] {
            Array(word[..<place.range.lowerBound] + place.other + word[place.range.upperBound...])
        }
        let double = combined.lazy.flatMap { first in
            // The later place first, so that the earlier stays where it is.
            combined.lazy.filter { $0.range.lowerBound >= first.range.upperBound }.map {
                replaced(first, in: replaced($0, in: word))
            }
        }
        return (places.prefix(most.single).map { replaced($0, in: word) }, Array(double.prefix(most.double)))
    }
}
