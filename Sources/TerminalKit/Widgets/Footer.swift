/// The bar that shows which keys work now.
public struct Footer: Equatable, Sendable {
    /// A key and what it does.
    public struct Hint: Equatable, Sendable {
        /// The key's name.
        public var key: String
        /// What it does, in a word or two.
        public var label: String
        /// On a narrow screen the hint with the lowest priority goes first, the last of equals before the others.
        public var priority: Int

        /// Makes a hint.
        public init(_ key: String, _ label: String, priority: Int = 0) {
            self.key = key
            self.label = label
            self.priority = priority
        }

        var columns: Int { TextWidth.columns(of: key) + 1 + TextWidth.columns(of: label) }
    }

    static let gap = 2

    /// The hints from left to right.
    public var hints: [Hint]

    /// Makes a footer.
    public init(_ hints: [Hint]) { self.hints = hints }

    /// The hints that `columns` cells have room for, each in full, in their order.
    public func fitting(columns: Int) -> [Hint] {
        var kept = hints
        while !kept.isEmpty, kept.reduce(-Self.gap, { $0 + $1.columns + Self.gap }) > columns {
            guard let least = kept.indices.reversed().min(by: { kept[$0].priority < kept[$1].priority }) else { break }
            kept.remove(at: least)
        }
        return kept
    }

    /// Draws the bar over the whole of `row`, with a cell of air at both ends.
    public func draw(into buffer: inout Buffer, row: Int) {
        buffer.fill(Rect(column: 0, row: row, columns: buffer.size.columns, rows: 1), style: .footer)
        var column = 1
        for hint in fitting(columns: buffer.size.columns - 2) {
            column += buffer.write(hint.key, column: column, row: row, style: .key) + 1
            column += buffer.write(hint.label, column: column, row: row, style: .footer) + Self.gap
        }
    }
}
