/// Breaks text into lines between words.
public enum TextWrap {
    /// The lines of `text`, none wider than `columns`; a word that is too wide is broken.
    ///
    /// It is made visible first: a line end in somebody's name begins no line. An empty text is one empty line; less than
    /// one column gives no lines.
    public static func lines(_ text: String, columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        let shown = DisplayText.visible(text)
        // Blanks at the ends and in rows are kept as long as nothing must be broken: they tell two texts apart.
        if TextWidth.columns(of: shown) <= columns { return [shown] }
        var lines: [String] = []
        var line = ""
        for word in shown.split(separator: " ").map(String.init) {
            let joined = line.isEmpty ? word : line + " " + word
            if TextWidth.columns(of: joined) <= columns {
                line = joined
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = word
            while TextWidth.columns(of: line) > columns {
                var piece = TextWidth.beginning(of: line, columns: columns)
                // A wide character on a screen of one column: it must go somewhere, or this would never end.
                if piece.isEmpty { piece = String(line.prefix(1)) }
                lines.append(piece)
                line = String(line.unicodeScalars.dropFirst(piece.unicodeScalars.count))
            }
        }
        return lines + (line.isEmpty && !lines.isEmpty ? [] : [line])
    }
}
