/// What somebody may have meant who typed a word that nobody has: names that sound or are typed alike.
public enum AlikeSpellings {
    /// Words with fewer letters are like too many others.
    private static let fewestLetters = 3
    /// Nobody types longer names or addresses.
    private static let longest = 64
    /// From so many letters on the rest of a word says enough: a letter that is missing or another is left open.
    private static let lettersForGap = 8
    /// What may be missing between two letters beside a letter.
    private static let signs: [Unicode.Scalar] = [" ", "-", "'", "."]

    /// The spellings that are like a word as search folds it, the likeliest first and each once; none for what is not
    /// written letter by letter, such as 田中, for digits and signs, and for a word that is too short or too long.
    public static func of(_ word: String) -> [AlikeSpelling] {
        let letters = Array(word.unicodeScalars.prefix(longest + 1))
        guard letters.count <= longest, letters.count(where: isLetter) >= fewestLetters,
            letters.allSatisfy({ isLetter($0) || !$0.properties.isAlphabetic && !$0.properties.isWhitespace })
        else { return [] }
        var known: Set<[Unicode.Scalar?]> = [letters]
        // An address is copied, not heard.
        let sounds = letters.contains("@") ? (single: [], double: []) : SoundRule.alike(letters)
        let all: [(AlikeSpelling.Difference, [[Unicode.Scalar?]])] = [
            (.sound, sounds.single), (.swapped, swapped(letters)), (.twoSounds, sounds.double),
            (.missing, missing(letters)),
            (.extra, extra(letters)), (.replaced, replaced(letters)),
        ]
        return all.flatMap { difference, spellings in
            spellings.filter { known.insert($0).inserted }.map { AlikeSpelling($0, difference) }
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { Alphabet.of(scalar) != nil }

    /// Digits stay where they are: another number is somebody else's.
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

    private static func swapped(_ word: [Unicode.Scalar]) -> [[Unicode.Scalar?]] {
        word.indices.dropLast().filter { !isDigit(word[$0]) && !isDigit(word[$0 + 1]) }.map {
            var other = word
            other.swapAt($0, $0 + 1)
            return other
        }
    }

    private static func extra(_ word: [Unicode.Scalar]) -> [[Unicode.Scalar?]] {
        guard word.count > fewestLetters else { return [] }
        return word.indices.dropFirst().filter { !isDigit(word[$0]) }.map {
            var other = word
            other.remove(at: $0)
            return other
        }
    }

    /// A letter between two: what lacks its first or last is found as it is.
    private static func missing(_ word: [Unicode.Scalar]) -> [[Unicode.Scalar?]] {
        word.indices.dropFirst().filter { isLetter(word[$0 - 1]) || isLetter(word[$0]) }.flatMap { place in
            filled(word, place..<place, by: fillings(word, beside: place - 1, and: place, signs))
        }
    }

    /// Another letter than the first, by which whoever hears a name writes it down.
    private static func replaced(_ word: [Unicode.Scalar]) -> [[Unicode.Scalar?]] {
        guard word.count > fewestLetters else { return [] }
        return word.indices.dropFirst().filter { isLetter(word[$0]) }.flatMap { place in
            filled(word, place..<place + 1, by: fillings(word, beside: place, and: place, []))
        }
    }

    private static func filled(
        _ word: [Unicode.Scalar], _ place: Range<Int>, by fillings: [Unicode.Scalar?]
    ) -> [[Unicode.Scalar?]] {
        fillings.map { filling in
            var other: [Unicode.Scalar?] = word
            other.replaceSubrange(place, with: [filling])
            return other
        }
    }

    private static func fillings(
        _ word: [Unicode.Scalar], beside one: Int, and other: Int, _ signs: [Unicode.Scalar]
    ) -> [Unicode.Scalar?] {
        if word.count >= lettersForGap { return [nil] }
        return ((Alphabet.of(word[one]) ?? Alphabet.of(word[other]))?.usual ?? []) + signs
    }
}
