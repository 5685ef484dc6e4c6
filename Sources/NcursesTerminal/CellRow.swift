import CNcurses
import TerminalKit

/// A row of a buffer as curses takes it.
enum CellRow {
    /// Exactly `columns` cells: blanks where the buffer is smaller, and no half of a wide character at the edge.
    static func cells(of buffer: Buffer, row: Int, columns: Int, lines: LineSet = .unicode) -> [cn_cell] {
        var cells: [cn_cell] = []
        cells.reserveCapacity(columns)
        for cell in buffer.row(row).prefix(columns) {
            let isCut = cell.columns == 2 && cells.count == columns - 1
            cells.append(converted(isCut ? .blank(cell.style) : cell, lines))
        }
        while cells.count < columns { cells.append(converted(.blank(), lines)) }
        return cells
    }

    private static func converted(_ cell: Cell, _ lines: LineSet) -> cn_cell {
        var scalars = lines.sign(for: cell.text).unicodeScalars.makeIterator()
        func next() -> UInt32 { scalars.next()?.value ?? 0 }
        return cn_cell(scalars: (next(), next(), next(), next(), next(), 0), style: cell.style.rawValue)
    }
}
