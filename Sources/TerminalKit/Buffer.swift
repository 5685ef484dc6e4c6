/// What a whole screen shows, as a value: views draw into it, the terminal paints it.
///
/// Columns and rows count from 0 at the top left. What lies outside is clipped, never an error.
public struct Buffer: Equatable, Sendable {
    /// The extent in cells.
    public let size: Size
    /// Where the terminal's cursor stands; nil hides it.
    public var cursor: Position?
    private var cells: [Cell]

    /// An empty screen.
    public init(size: Size) {
        self.size = size
        cells = Array(repeating: .blank(), count: size.columns * size.rows)
    }

    /// What is at a place; a blank outside of the buffer.
    public subscript(column: Int, row: Int) -> Cell {
        contains(column, row) ? cells[row * size.columns + column] : .blank()
    }

    /// The cells of one row from left to right; none outside of the buffer.
    public func row(_ row: Int) -> ArraySlice<Cell> {
        guard row >= 0, row < size.rows else { return [] }
        return cells[row * size.columns..<(row + 1) * size.columns]
    }

    /// Writes `text`, made visible, and returns the columns that it used.
    ///
    /// It stops before the first character that would pass `limit` columns or the right edge, a wide one too. What lies
    /// left of the buffer is used up without being shown.
    @discardableResult
    public mutating func write(
        _ text: String, column: Int, row: Int, style: Style = .plain, limit: Int? = nil
    ) -> Int {
        guard row >= 0, row < size.rows else { return 0 }
        let end = min(size.columns, limit.map { column + max(0, $0) } ?? size.columns)
        var at = column
        var last: Int?
        for scalar in DisplayText.visible(text).unicodeScalars {
            let width = TextWidth.columns(of: scalar)
            if width <= 0 {
                if let last { cells[last].text.unicodeScalars.append(scalar) }
                continue
            }
            guard at + width <= end else { break }
            last = put(scalar, columns: width, column: at, row: row, style: style)
            at += width
        }
        return at - column
    }

    /// Makes every cell of `rect` a space.
    public mutating func fill(_ rect: Rect, style: Style) {
        for row in rows(of: rect) {
            for column in columns(of: rect) {
                part(column, row)
                cells[row * size.columns + column] = .blank(style)
            }
        }
    }

    /// Gives every cell of `rect` another style and leaves its text.
    public mutating func restyle(_ rect: Rect, style: Style) {
        for row in rows(of: rect) {
            for column in columns(of: rect) { cells[row * size.columns + column].style = style }
        }
    }

    /// Puts one spacing scalar down and returns its index, or nil where it is left of the buffer.
    private mutating func put(
        _ scalar: Unicode.Scalar, columns: Int, column: Int, row: Int, style: Style
    ) -> Int? {
        guard column >= 0 else {
            // Of a wide character that the left edge cuts, a space is left.
            if column + columns > 0 {
                part(0, row)
                cells[row * size.columns] = .blank(style)
            }
            return nil
        }
        let index = row * size.columns + column
        part(column, row)
        cells[index] = Cell(text: String(Character(scalar)), columns: columns, style: style)
        if columns == 2 {
            part(column + 1, row)
            cells[index + 1] = .rightHalf(style)
        }
        return index
    }

    /// Makes a space of the other half, if a wide character is at a place that will be overwritten.
    private mutating func part(_ column: Int, _ row: Int) {
        let index = row * size.columns + column
        if cells[index].columns == 2, column + 1 < size.columns, cells[index + 1].columns == 0 {
            cells[index + 1] = .blank(cells[index].style)
        }
        if cells[index].columns == 0, column > 0, cells[index - 1].columns == 2 {
            cells[index - 1] = .blank(cells[index - 1].style)
        }
    }

    private func contains(_ column: Int, _ row: Int) -> Bool {
        column >= 0 && column < size.columns && row >= 0 && row < size.rows
    }

    private func rows(of rect: Rect) -> Range<Int> {
        let first = min(max(0, rect.row), size.rows)
        return first..<max(first, min(rect.endRow, size.rows))
    }

    private func columns(of rect: Rect) -> Range<Int> {
        let first = min(max(0, rect.column), size.columns)
        return first..<max(first, min(rect.endColumn, size.columns))
    }
}
