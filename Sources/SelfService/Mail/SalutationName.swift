/// A person's own name in a mail of ours, where people write anything into it.
enum SalutationName {
    private static let longest = 60

    /// The name, or nil where it could be taken for more than one: a mail program makes a link of `evil.example`, and a line
    /// end would begin a line of ours.
    ///
    /// It takes letters, marks, blanks, hyphens and apostrophes, a dot that no domain's name goes on behind, and so few
    /// digits that they are no telephone number.
    static func plain(_ name: String) -> String? {
        let scalars = Array(name.unicodeScalars)
        guard (1...longest).contains(scalars.count), scalars.contains(where: \.properties.isAlphabetic) else {
            return nil
        }
        guard scalars.count(where: { $0.properties.generalCategory == .decimalNumber }) <= 3 else { return nil }
        let isPlain = scalars.indices.allSatisfy { index in
            switch scalars[index] {
            case " ", "-", "'", "\u{2019}", "\u{2BC}", "\u{B7}", "\u{2010}", "\u{200C}", "\u{200D}": true
            case ".": scalars[(index + 1)...].prefix { $0.properties.isAlphabetic }.count < 2
            case let scalar: isLetter(scalar)
            }
        }
        return isPlain ? name : nil
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        case .nonspacingMark, .spacingMark, .decimalNumber: true
        default: false
        }
    }
}
