extension Spoken {
    /// Room that a screen which is read rather than seen is drawn in.
    private static let size = Size(columns: 100, rows: 200)

    /// What a drawing says, for what has no words of its own: its rows, and as the focus the one with the cursor.
    package init(place: String, drawing: (inout Buffer) -> Void) {
        var buffer = Buffer(size: Self.size)
        drawing(&buffer)
        func text(_ row: Int) -> String { Self.words(buffer.row(row).map(\.text).joined()) }
        self.init(place: place, lines: (0..<Self.size.rows).map(text).filter { !$0.isEmpty })
        guard let cursor = buffer.cursor, case let row = text(cursor.row), !row.isEmpty else { return }
        lines.removeAll { $0 == row }
        focus = Focus("", .line(row))
    }

    /// The texts of a row without lines and gaps between them.
    private static func words(_ row: String) -> String {
        let lines: Set<Character> = ["─", "│", "┌", "┐", "└", "┘", "█", "░"]
        var texts = [""]
        var blanks = 0
        for character in row {
            if character == " " || lines.contains(character) {
                blanks += lines.contains(character) ? 2 : 1
                continue
            }
            if blanks > 1, texts.last != "" {
                texts.append("")
            } else if blanks == 1, texts.last != "" {
                texts[texts.count - 1] += " "
            }
            blanks = 0
            texts[texts.count - 1].append(character)
        }
        return texts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
