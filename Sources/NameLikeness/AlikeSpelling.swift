/// A spelling that somebody may have meant who typed a word that nobody has.
public struct AlikeSpelling: Hashable, Sendable {
    /// How it differs from the word, the likeliest first.
    public enum Difference: Int, Comparable, Sendable {
        /// It sounds the same, such as `maier` for `meyer`.
        case sound = 1
        /// Two letters that stand side by side are swapped, such as `john` for `jhon`.
        case swapped
        /// It sounds the same, and is spelled otherwise in two places, such as `filip` for `philipp`.
        case twoSounds
        /// The word lacks one of its letters.
        case missing
        /// The word has a letter that it has not.
        case extra
        /// One letter is another.
        case replaced

        /// Whether the first is the likelier.
        public static func < (one: Difference, other: Difference) -> Bool { one.rawValue < other.rawValue }
    }

    /// Its letters in order, as search folds them; nil is any one character.
    public let letters: [Unicode.Scalar?]
    /// How it differs from the word.
    public let difference: Difference

    init(_ letters: [Unicode.Scalar?], _ difference: Difference) {
        self.letters = letters
        self.difference = difference
    }

    /// Spellings shorter than this are common beginnings of other names.
    private static let fewestLettersOfBeginning = 5

    /// Whether a longer name may begin with it; a shorter spelling is a whole name or none.
    public var isBeginning: Bool { letters.count >= Self.fewestLettersOfBeginning }
}
