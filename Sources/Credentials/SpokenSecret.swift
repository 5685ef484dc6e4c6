/// A new value as it is read out: a group on each line, with a word for each character.
public struct SpokenSecret {
    /// The value with its characters apart.
    public let spaced: String
    /// The groups, each a line.
    public let lines: [SpelledGroup]

    /// The value in the words of an alphabet.
    public init(_ secret: Secret, _ alphabet: SpellingAlphabet) {
        let text = secret.revealedText()
        guard !text.allSatisfy(\.isNumber) else {
            // A PIN in twos or threes.
            let size = text.count % 3 == 0 ? 3 : 2
            let groups = stride(from: 0, to: text.count, by: size).map { String(text.dropFirst($0).prefix(size)) }
            spaced = groups.map { $0.map(String.init).joined(separator: " ") }.joined(separator: "   ")
            let words = alphabet.spelling(of: secret).flatMap(\.words)
            lines = groups.enumerated().map { place, group in
                SpelledGroup(text: group, words: Array(words.dropFirst(place * size).prefix(size)))
            }
            return
        }
        spaced = text.map(String.init).joined(separator: " ")
        lines = alphabet.spelling(of: secret)
    }
}
