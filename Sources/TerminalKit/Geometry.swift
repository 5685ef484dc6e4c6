/// The extent of a screen or of a buffer, in cells.
public struct Size: Equatable, Sendable {
    /// Cells from left to right.
    public var columns: Int
    /// Cells from top to bottom.
    public var rows: Int

    /// Makes a size; negative numbers count as none.
    public init(columns: Int, rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }
}

/// A cell's place, counted from 0 at the top left.
public struct Position: Equatable, Sendable {
    /// Cells from the left edge.
    public var column: Int
    /// Cells from the top edge.
    public var row: Int

    /// Makes a position; it may lie outside of a buffer.
    public init(column: Int, row: Int) {
        self.column = column
        self.row = row
    }
}

/// A rectangle of cells; an empty one has no columns or no rows.
public struct Rect: Equatable, Sendable {
    /// The left-most column.
    public var column: Int
    /// The top-most row.
    public var row: Int
    /// The width in cells.
    public var columns: Int
    /// The height in cells.
    public var rows: Int

    /// Makes a rectangle; negative extents count as none.
    public init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    /// The whole of a screen.
    public init(_ size: Size) {
        self.init(column: 0, row: 0, columns: size.columns, rows: size.rows)
    }

    /// The first column to the right of the rectangle.
    public var endColumn: Int { column + columns }

    /// The first row below the rectangle.
    public var endRow: Int { row + rows }

    /// A rectangle in the middle of `size`, made smaller where it would not fit.
    public static func centered(columns: Int, rows: Int, in size: Size) -> Rect {
        let width = min(max(0, columns), size.columns)
        let height = min(max(0, rows), size.rows)
        return Rect(
            column: (size.columns - width) / 2, row: (size.rows - height) / 2, columns: width, rows: height)
    }
}
