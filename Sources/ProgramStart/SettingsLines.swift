/// The lines of a settings file, to say where a key stands.
struct SettingsLines {
    private let lines: [Substring]

    init(_ text: String) { lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    /// The number of the first line on which no name follows the bracket of a section: at that the parser would end the process.
    var namelessHeader: Int? {
        lines.firstIndex { line in
            var rest = line.unicodeScalars.drop(while: Self.isBlank)
            guard rest.popFirst() == "[" else { return false }
            // A third one is no name: the parser looks past two.
            if rest.first == "[" { rest.removeFirst() }
            return rest.first { !Self.isBlank($0) }.map { !Self.mayBegin($0) } ?? true
        }.map { $0 + 1 }
    }

    /// A blank of any script, or the mark of an encoding.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "\u{FEFF}"
    }

    /// Whether a name may begin so; a bracket that closes has its own words for what is wrong.
    private static func mayBegin(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "\"", "'", "]": true
        default: false
        }
    }

    /// The number of the first line that sets this key, or something below it; nil where none is found.
    func number(of names: [String]) -> Int? {
        var table: [String] = []
        for (index, line) in lines.enumerated() {
            let line = line.drop(while: \.isWhitespace)
            let found: [String]
            if line.hasPrefix("[") {
                table = Self.names(line.drop { $0 == "[" }, endingAt: "]")
                found = table
            } else {
                found = table + Self.names(line, endingAt: "=")
                if found.count == table.count { continue }
            }
            if found.starts(with: names) { return index + 1 }
        }
        return nil
    }

    /// The names that a dotted key consists of, such as `environments."the north".colour`; none where the line has no such key.
    private static func names(_ text: Substring, endingAt end: Character) -> [String] {
        var (names, name, quote): ([String], String, Character?) = ([], "", nil)
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { name.append(character) }
                continue
            }
            switch character {
            case "\"", "'": quote = character
            case ".":
                names.append(name)
                name = ""
            case end: return names + [name]
            case "#": return []
            case _ where character.isWhitespace: break
            default: name.append(character)
            }
        }
        return []
    }
}
