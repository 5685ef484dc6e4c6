/// How styles are told apart.
public enum Theme: String, CaseIterable, Sendable {
    /// Light text on a dark ground.
    case dark
    /// Dark text on a light ground.
    case light
    /// Few colours, all of them strong, with bold and reverse beside.
    case highContrast = "high-contrast"
    /// No colours: bold, underline and reverse.
    case mono
}

/// The signs that lines, bars and marks are drawn with.
public enum LineSet: String, CaseIterable, Sendable {
    /// Box-drawing characters.
    case unicode
    /// Only ASCII, for terminals and screen readers that do better without.
    case ascii

    /// The sign in place of a character that the screens themselves draw; text of people is left as it is.
    public func sign(for text: String) -> String {
        guard self == .ascii, let replacement = Self.replacements[text] else { return text }
        return replacement
    }

    private static let replacements = [
        "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "•": "*", "█": "#", "░": ".",
        "▲": "^", "▼": "v", "●": "*", "○": "o", "✓": "+", "✗": "x", "×": "x", "…": "~", "‹": "<", "›": ">", "←": "<",
        "→": ">", "↑": "^", "↓": "v",
    ]
}
