/// A bar that is filled in part, with a word that says the same.
public struct Meter: Equatable, Sendable {
    /// How much is filled, of ``total``.
    public var filled: Int
    /// How much would be full.
    public var total: Int
    /// What it comes to, such as "weak".
    public var word: String
    /// What it means.
    public var style: Style

    /// Makes a meter; what is filled is kept between nothing and full.
    public init(filled: Int, total: Int, word: String, style: Style = .accent) {
        self.total = max(1, total)
        self.filled = min(max(0, filled), self.total)
        self.word = word
        self.style = style
    }

    /// Draws a bar of `columns` cells and then the word, within `limit` cells; returns the columns used.
    ///
    /// The bar is full only if the meter is, and empty only if it is. Where bar and word do not fit, the word stays.
    @discardableResult
    public func draw(into buffer: inout Buffer, column: Int, row: Int, columns: Int, limit: Int) -> Int {
        let wordColumns = TextWidth.columns(of: word)
        var at = column
        if columns > 0, columns + 1 + wordColumns <= limit {
            let full = Self.cells(filled: filled, total: total, columns: columns)
            at += buffer.write(String(repeating: "█", count: full), column: at, row: row, style: style)
            at += buffer.write(String(repeating: "░", count: columns - full), column: at, row: row, style: .dim) + 1
        }
        let shown = TextWidth.fitted(word, to: limit - (at - column))
        at += buffer.write(shown, column: at, row: row, style: style)
        return at - column
    }

    /// The bar in `columns` cells and then the word, for where text is all that there is.
    public func text(columns: Int) -> String {
        let full = Self.cells(filled: filled, total: total, columns: columns)
        return String(repeating: "█", count: full) + String(repeating: "░", count: max(0, columns - full)) + " " + word
    }

    static func cells(filled: Int, total: Int, columns: Int) -> Int {
        if filled == 0 { return 0 }
        if filled == total { return columns }
        return min(max(1, filled * columns / total), max(0, columns - 1))
    }
}
