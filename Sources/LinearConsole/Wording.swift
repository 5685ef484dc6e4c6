import TerminalKit

/// How things are put into words.
enum Wording {
    /// A line for what has the focus; the cursor stays behind what can be typed on.
    static func focus(_ focus: Spoken.Focus) -> String {
        let place = focus.label.isEmpty || focus.place.isEmpty ? focus.place : " (\(focus.place))"
        let label = focus.label + place == "" ? "" : plain(focus.label + place) + ": "
        switch focus.entry {
        case .line(let text): return label + plain(text) + "\n"
        case .text(let text, let cursor):
            guard cursor < text.count else { return label + visible(text) }
            let next = text[text.index(text.startIndex, offsetBy: cursor)]
            return label + visible(text) + " (cursor before “" + visible(String(next)) + "”)\n"
        case .secret(let characters): return label + String(repeating: "*", count: characters)
        case .choice(let options, let chosen):
            let texts = options.enumerated().map { at, option in
                "\(at + 1) \(option)" + (at == chosen ? ", chosen" : "")
            }
            return label + plain(texts.joined(separator: "; ")) + ".\n"
        }
    }

    /// Text as it is, but for what could move a cursor or hide.
    static func visible(_ text: String) -> String { DisplayText.visible(text) }

    private static let words: [(String, String)] = [
        ("↑↓", "Up and Down"), ("← →", "Left and Right"), ("↑", "Up"), ("↓", "Down"), ("←", "Left"), ("→", "Right"),
    ]

    /// Signs that only the eye understands.
    private static let signs: Set<Character> = ["✓", "✗", "█", "░", "•", "×"]

    /// A line without signs that only the eye understands, and without gaps.
    static func plain(_ line: String) -> String {
        var text = visible(line)
        for (sign, word) in words { text = text.replacing(sign, with: word) }
        return text.split(separator: " ").compactMap { word in
            if word == "›" { return ">" }
            let bare = word.filter { !signs.contains($0) }
            // In a name they tell one person from another.
            if bare.contains(where: { $0.isLetter || $0.isNumber }) { return String(word) }
            return bare.isEmpty && !word.isEmpty ? nil : bare
        }.joined(separator: " ")
    }

    private static let units: Set<Substring> = [
        "s", "min", "h", "d", "mo", "y", "second", "minute", "hour", "day", "month", "year", "seconds", "minutes",
        "hours", "days", "months", "years",
    ]

    /// A line without lengths of time, which change by themselves: by these alone nothing is new.
    static func timeless(_ line: String) -> String {
        let words = line.split(whereSeparator: { " ();,.".contains($0) })
        var kept: [Substring] = []
        for (index, word) in words.enumerated() {
            if units.contains(word), index > 0, Int(words[index - 1]) != nil {
                kept[kept.count - 1] = "#"
            } else if word == "now" {
                kept.append("#")
            } else if word == "just", index + 1 < words.count, words[index + 1] == "now" {
                continue
            } else if word == "ago" {
                continue
            } else if index > 0, words[index - 1] == "in", word.contains(":") {
                kept.append("#")
            } else {
                kept.append(word)
            }
        }
        return kept.joined(separator: " ")
    }
}
