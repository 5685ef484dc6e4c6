import CGlibc

/// Where text stands in a width that is wider than itself.
public enum Alignment: Equatable, Sendable {
    /// At the left, spaces after it.
    case leading
    /// At the right, spaces before it.
    case trailing
    /// In the middle.
    case center
}

/// Counts columns as curses counts them: scalar by scalar, by the C library's table.
///
/// All functions measure ``DisplayText/visible(_:)`` of what they are given, that is, what ``Buffer`` would show.
public enum TextWidth {
    /// The columns that `text` takes.
    public static func columns(of text: String) -> Int {
        if DisplayText.isPlain(text) { return text.utf8.count }
        return DisplayText.visible(text).unicodeScalars.reduce(0) { $0 + max(0, columns(of: $1)) }
    }

    /// `text` made visible, and cut with "…" where it takes more than `columns`.
    public static func fitted(_ text: String, to columns: Int) -> String {
        let shown = DisplayText.visible(text)
        guard columns > 0 else { return "" }
        guard self.columns(of: shown) > columns else { return shown }
        return beginning(of: shown, columns: columns - 1) + "…"
    }

    /// `text` made visible, cut where it is too long, and filled with spaces to exactly `columns`.
    public static func padded(_ text: String, to columns: Int, alignment: Alignment = .leading) -> String {
        let shown = fitted(text, to: columns)
        let missing = max(0, columns - self.columns(of: shown))
        let before =
            switch alignment {
            case .leading: 0
            case .trailing: missing
            case .center: missing / 2
            }
        return String(repeating: " ", count: before) + shown + String(repeating: " ", count: missing - before)
    }

    /// The columns of one scalar: 0 for a mark, −1 where the C library knows none.
    static func columns(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x7F && scalar.value >= 0x20 { return 1 }
        return Int(cg_wcwidth(scalar.value))
    }

    /// The longest beginning of visible text that takes no more than `columns`.
    public static func beginning(of shown: String, columns: Int) -> String {
        var used = 0
        var kept = ""
        for scalar in shown.unicodeScalars {
            used += max(0, self.columns(of: scalar))
            if used > columns { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }
}
