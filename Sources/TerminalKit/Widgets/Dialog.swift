/// A box in the middle of the screen, over whatever is there.
public struct Dialog: Equatable, Sendable {
    /// What stands in the upper edge.
    public var title: String
    /// The width of the inside that is wished for, in cells.
    public var columns: Int
    /// The height of the inside that is wished for, in cells.
    public var rows: Int
    /// What the border means.
    public var style: Style

    /// Makes a dialog with room for `columns` and `rows` inside, where the screen has it.
    public init(title: String, columns: Int, rows: Int, style: Style = .border) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.style = style
    }

    /// Draws border and title, empties the inside, and returns it: smaller than wished for on a small screen.
    ///
    /// There is a column of air at both sides within the border. A screen narrower than 20 columns or lower than 5 rows
    /// gives all of its room to the inside.
    public func draw(into buffer: inout Buffer) -> Rect {
        guard buffer.size.columns >= 20, buffer.size.rows >= 5 else {
            let all = Rect(buffer.size)
            buffer.fill(all, style: .plain)
            return all
        }
        let outer = Rect.centered(columns: columns + 4, rows: rows + 2, in: buffer.size)
        buffer.fill(outer, style: .plain)
        buffer.box(outer, title: title, style: style)
        return Rect(column: outer.column + 2, row: outer.row + 1, columns: outer.columns - 4, rows: outer.rows - 2)
    }
}
