/// Splits names, addresses and the organisation's words into the folded parts that a password must not contain.
enum ContextWords {
    /// Letters that a part must have at least, to be refused.
    static let minimumLength = 3

    /// The runs of letters of a text and all of them joined, folded, each also in German transliteration.
    static func parts(of text: String) -> [[UInt32]] {
        var result: [[UInt32]] = []
        for spelling in [text, transliterated(text)] {
            let runs = spelling.unicodeScalars.split { !isLetter($0) }
            var joined = ""
            for run in runs {
                joined.unicodeScalars.append(contentsOf: run)
                append(String(String.UnicodeScalarView(run)), to: &result)
            }
            append(joined, to: &result)
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

    private static func append(_ part: String, to result: inout [[UInt32]]) {
        guard part.unicodeScalars.count >= minimumLength else { return }
        let folded = TextFolding.folded(part)
        if folded.count >= minimumLength, !result.contains(folded) { result.append(folded) }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: scalar.properties.isAlphabetic
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
