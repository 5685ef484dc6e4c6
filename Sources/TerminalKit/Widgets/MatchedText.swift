extension Buffer {
    /// Writes `text` with the places that `marking` finds in it in `matchStyle`; returns the columns used.
    @discardableResult
    public mutating func write(
        _ text: String, column: Int, row: Int, style: Style = .plain, marking: (String) -> [Range<String.Index>],
        matchStyle: Style = .match, limit: Int? = nil
    ) -> Int {
        let shown = DisplayText.visible(text)
        let used = write(shown, column: column, row: row, style: style, limit: limit)
        for range in marking(shown) {
            let first = TextWidth.columns(of: String(shown[..<range.lowerBound]))
            let end = min(first + TextWidth.columns(of: String(shown[range])), used)
            guard first < end else { continue }
            restyle(Rect(column: column + first, row: row, columns: end - first, rows: 1), style: matchStyle)
        }
        return used
    }
}
