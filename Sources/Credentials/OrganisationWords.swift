internal import Synchronization

/// The organisation's words in the folded parts that a password must not contain, however many there are.
///
/// They are taken apart once, when a password is first held against them. After that each costs a comparison of two
/// numbers, unless all its letters are in the password: the time for a password grows with the number of words, and
/// hardly with anything else.
final class OrganisationWords: Sendable {
    /// The words as the policy has them.
    let texts: [String]

    private struct Word: Sendable {
        let letters: LetterSet
        let folded: [UInt32]
    }

    private let prepared = Mutex<[Word]?>(nil)

    init(_ texts: [String]) { self.texts = texts }

    private var words: [Word] {
        prepared.withLock { prepared in
            if let prepared { return prepared }
            let words = texts.flatMap(ContextWords.parts).map { Word(letters: LetterSet($0), folded: $0) }
            prepared = words
            return words
        }
    }

    /// Whether one of the words occurs in a password.
    func contains(wordOf password: borrowing FoldedSecret) -> Bool {
        let letters = password.letters
        for word in words where word.letters.isSubset(of: letters) {
            if password.contains(word.folded) { return true }
        }
        return false
    }

    /// The words that zxcvbn could find in a text.
    func words(possibleIn places: borrowing LetterPlaces) -> [[UInt32]] {
        var possible: [[UInt32]] = []
        for word in words where places.mayHold(word.folded) { possible.append(word.folded) }
        return possible
    }
}

extension OrganisationWords: Equatable {
    /// Whether the words are the same.
    static func == (one: OrganisationWords, other: OrganisationWords) -> Bool {
        one === other || one.texts == other.texts
    }
}

/// Which letters occur in a text, a bit each for a to z, and one for the digits and one for everything else.
struct LetterSet: Equatable, Sendable {
    private var bits: UInt32 = 0

    init() {}

    init(_ folded: [UInt32]) {
        for scalar in folded { insert(scalar) }
    }

    mutating func insert(_ scalar: UInt32) {
        switch scalar {
        case 0x61...0x7A: bits |= 1 << (scalar - 0x61)
        case 0x30...0x39: bits |= 1 << 26
        default: bits |= 1 << 27
        }
    }

    func isSubset(of other: LetterSet) -> Bool { bits & ~other.bits == 0 }
}
