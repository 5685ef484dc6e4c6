extension Buffer {
    /// Says at the end of a row, or of a box's lower edge, that there is more than is seen, and by which keys: `keys`, or the
    /// arrows that lead there.
    public mutating func drawMore(
        above: Bool, below: Bool, keys: String? = nil, endColumn: Int, row: Int, style: Style = .key
    ) {
        guard above || below else { return }
        let arrows = [above ? "↑" : nil, below ? "↓" : nil].compactMap { $0 }.joined(separator: " ")
        let text = " \(keys ?? arrows) more "
        write(text, column: endColumn - TextWidth.columns(of: text), row: row, style: style)
    }
}
