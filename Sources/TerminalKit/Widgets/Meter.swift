/// A bar that is filled in part, with a word that says the same.
public struct Meter: Equatable, Sendable {
    /// How much is filled, of ``total``.
    public var filled: Int
    /// How much would be full.
    public var total: Int
    /// What it comes to, such as "weak".
    public var word: String

    /// Makes a meter; what is filled is kept between nothing and full.
    public init(filled: Int, total: Int, word: String) {
        self.total = max(1, total)
        self.filled = min(max(0, filled), self.total)
        self.word = word
    }

    /// The bar in `columns` cells and then the word. The bar is full only if the meter is, and empty only if it is.
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
