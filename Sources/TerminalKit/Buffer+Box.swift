extension Buffer {
    /// Draws a border of lines along the inside of `rect`, with `title` in its upper edge.
    ///
    /// The inside is left alone. A rectangle of fewer than two rows or columns has no border.
    public mutating func box(_ rect: Rect, title: String?, style: Style) {
        guard rect.columns >= 2, rect.rows >= 2 else { return }
        let line = String(repeating: "─", count: rect.columns - 2)
        write("┌" + line + "┐", column: rect.column, row: rect.row, style: style)
        for row in rect.row + 1..<rect.endRow - 1 {
            write("│", column: rect.column, row: row, style: style)
            write("│", column: rect.endColumn - 1, row: row, style: style)
        }
        write("└" + line + "┘", column: rect.column, row: rect.endRow - 1, style: style)
        if let title, rect.columns >= 7 {
            let shown = " " + TextWidth.fitted(title, to: rect.columns - 6) + " "
            write(shown, column: rect.column + 2, row: rect.row, style: .title)
        }
    }
}
