/// The words by which a secret is read out over the phone.
public enum SpellingAlphabet: String, CaseIterable, Sendable {
    /// The alphabet of the ICAO and NATO.
    case icao
    /// The German names of cities of DIN 5009:2022.
    case din5009 = "din-5009"
    /// The French first names.
    case french

    /// A secret in groups that end behind each dash, with a word for each of its characters: `Tj6t-` is “CAPITAL tango,
    /// juliett, six, tango, dash”.
    ///
    /// A capital letter is said to be one. A character without a word stands for itself. The words spell the secret out, so
    /// they are as secret.
    public func spelling(of secret: Secret) -> [SpelledGroup] {
        var groups: [SpelledGroup] = []
        var hasEnded = true
        secret.forEachScalar { scalar in
            if hasEnded { groups.append(SpelledGroup(text: "", words: [])) }
            hasEnded = scalar == "-"
            groups[groups.count - 1].text.unicodeScalars.append(scalar)
            groups[groups.count - 1].words.append(word(for: scalar))
        }
        return groups
    }

    /// The word for a character, after the one that says that it is a capital.
    func word(for scalar: Unicode.Scalar) -> String {
        let words = self.words
        if let word = words.word(for: scalar) { return word }
        let small = scalar.properties.lowercaseMapping.unicodeScalars
        guard scalar.properties.isUppercase, small.count == 1, let word = small.first.flatMap(words.word(for:))
        else { return String(Character(scalar)) }
        return "\(words.capital) \(word)"
    }
}

/// What of a secret is read out in one go.
public struct SpelledGroup: Equatable, Sendable {
    /// Its characters, with the dash at the end.
    public var text: String
    /// A word for each of them.
    public var words: [String]

    /// A group with its words.
    public init(text: String, words: [String]) {
        self.text = text
        self.words = words
    }
}
