extension Buffer {
    /// The rows as text, without the spaces at their ends.
    public func text() -> String {
        (0..<size.rows).map { index in
            trimmed(row(index).map(\.text).joined(), of: " ")
        }.joined(separator: "\n")
    }

    /// The rows as text, then a map with a letter for each cell's style, then what the letters mean, then the cursor:
    /// made to be kept in a file and read in a diff.
    public func snapshot() -> String {
        let map = (0..<size.rows).map { index in
            trimmed(String(row(index).map(\.style.letter)), of: Style.plain.letter)
        }
        var used: [Style] = []
        for style in Style.allCases where (0..<size.rows).contains(where: { row($0).contains { $0.style == style } }) {
            used.append(style)
        }
        let legend = used.map { "\($0.letter) \($0)" }.joined(separator: ", ")
        let place = cursor.map { "column \($0.column), row \($0.row)" } ?? "hidden"
        return text() + "\n--- styles: \(legend)\n" + map.joined(separator: "\n") + "\n--- cursor: \(place)\n"
    }

    private func trimmed(_ line: String, of character: Character) -> String {
        var line = line
        while line.last == character { line.removeLast() }
        return line
    }
}
