/// One line of a menu.
public struct MenuRow: Equatable, Sendable {
    /// What it says.
    public var text: String
    /// What stands at its end.
    public var note: String
    /// How it looks while it is not chosen.
    public var style: Style
    /// Whether it can be chosen; headings and spaces cannot.
    public var isChoice: Bool

    /// A line, which can be chosen unless told.
    public init(text: String, note: String = "", style: Style = .plain, isChoice: Bool = true) {
        self.text = text
        self.note = note
        self.style = style
        self.isChoice = isChoice
    }
}

/// Lines to choose from in a box, perhaps below a field.
public struct MenuDialog {
    /// Columns of every menu.
    public static let columns = 66

    let title: String
    let rows: [MenuRow]
    let index: Int
    let field: TextField?

    /// A menu of which the line of this index is chosen.
    public init(title: String, rows: [MenuRow], index: Int, field: TextField? = nil) {
        self.title = title
        self.rows = rows
        self.index = index
        self.field = field
    }

    /// Draws it in the middle, and as many lines around the chosen one as there is room for.
    public func draw(into buffer: inout Buffer) {
        let head = field == nil ? 0 : buffer.size.rows < 16 ? 1 : 2
        let inner = Dialog(
            title: title, columns: Self.columns, rows: min(rows.count + head, buffer.size.rows - 4)
        ).draw(into: &buffer)
        field?.draw(into: &buffer, column: inner.column, row: inner.row, columns: inner.columns, focused: true)
        let visible = max(0, inner.rows - head)
        let first = max(0, min(index - visible / 2, rows.count - visible))
        for (offset, row) in rows.dropFirst(first).prefix(visible).enumerated() {
            let line = Rect(column: inner.column, row: inner.row + head + offset, columns: inner.columns, rows: 1)
            draw(row, isSelected: first + offset == index && row.isChoice, into: &buffer, line, field == nil)
        }
        buffer.drawMore(
            above: first > 0, below: first + visible < rows.count, endColumn: inner.endColumn, row: inner.endRow)
    }

    private func draw(_ row: MenuRow, isSelected: Bool, into buffer: inout Buffer, _ line: Rect, _ takesCursor: Bool) {
        if isSelected {
            buffer.fill(line, style: .selected)
            if takesCursor { buffer.cursor = Position(column: line.column, row: line.row) }
        }
        let noteColumns = TextWidth.columns(of: row.note)
        let room = line.columns - (noteColumns == 0 ? 0 : noteColumns + 2)
        buffer.write(
            TextWidth.fitted((isSelected ? "> " : "  ") + row.text, to: room), column: line.column, row: line.row,
            style: isSelected ? .selected : row.style)
        if noteColumns > 0 {
            buffer.write(
                row.note, column: line.column + line.columns - noteColumns, row: line.row,
                style: isSelected ? .selected : .dim)
        }
    }
}
