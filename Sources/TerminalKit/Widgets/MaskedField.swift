/// How a field looks whose text must not be seen; it knows how long the text is, never what it is.
public struct MaskedField: Equatable, Sendable {
    /// The characters in the field.
    public var characters: Int
    /// The characters to the left of the cursor.
    public var cursor: Int

    /// Makes a field of `characters`, the cursor at its end where nothing else is said.
    public init(characters: Int, cursor: Int? = nil) {
        self.characters = max(0, characters)
        self.cursor = min(max(0, cursor ?? characters), max(0, characters))
    }

    /// Draws a dot for each character over `columns` cells; a focused field places the cursor.
    public func draw(into buffer: inout Buffer, column: Int, row: Int, columns: Int, focused: Bool) {
        let style: Style = focused ? .focusedField : .field
        buffer.fill(Rect(column: column, row: row, columns: columns, rows: 1), style: style)
        guard columns > 0 else { return }
        let first = focused ? max(0, cursor - columns + 1) : 0
        let dots = String(repeating: "•", count: min(columns, characters - first))
        buffer.write(dots, column: column, row: row, style: style, limit: columns)
        if focused { buffer.cursor = Position(column: column + cursor - first, row: row) }
    }
}
