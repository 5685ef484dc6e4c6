/// Splits names, addresses and the organisation's words into the folded parts that a password must not contain.
enum ContextWords {
    /// Letters that a part must have at least, to be refused.
    static let minimumLength = 3

    /// The runs of letters of a text and all of them joined, folded, each also in German transliteration.
    static func parts(of text: String) -> [[UInt32]] {
        var result: [[UInt32]] = []
        var seen: Set<[UInt32]> = []
        func append(_ part: some Sequence<Unicode.Scalar>) {
            var count = 0
            var folded: [UInt32] = []
            for scalar in part {
                count += 1
                TextFolding.fold(scalar) { folded.append($0) }
            }
            if count >= minimumLength, folded.count >= minimumLength, seen.insert(folded).inserted {
                result.append(folded)
            }
        }
        // A word in ASCII has no other spelling, and a list can have a hundred thousand.
        for spelling in text.utf8.allSatisfy({ $0 < 0x80 }) ? [text] : [text, transliterated(text)] {
            let runs = spelling.unicodeScalars.split { !isLetter($0) }
            for run in runs { append(run) }
            if runs.count > 1 { append(runs.joined()) }
        }
        return result
    }

    /// A domain's labels without the public ones: the top level, its usual second levels, and common host names.
    static func distinctiveLabels(ofDomain domain: String) -> [String] {
        let common: Set<String> = [
            "www", "mail", "email", "webmail", "smtp", "imap", "com", "net", "org", "edu", "gov", "gob",
        ]
        return domain.split(separator: ".").dropLast().map(String.init).filter { !common.contains($0.lowercased()) }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x61...0x7A).contains(scalar.value | 0x20) }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return scalar.properties.isAlphabetic
        }
    }

    private static func transliterated(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "ä", "Ä": result += "ae"
            case "ö", "Ö", "ø", "Ø": result += "oe"
            case "ü", "Ü": result += "ue"
            case "å", "Å": result += "aa"
            default: result.append(character)
            }
        }
        return result
    }
}
