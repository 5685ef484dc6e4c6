/// The bar that shows which keys work now.
public struct Footer: Equatable, Sendable {
    /// A key and what it does.
    public struct Hint: Equatable, Sendable {
        /// The key's name.
        public var key: String
        /// What it does, in a word or two.
        public var label: String
        /// On a narrow screen the hints with the highest priority stay, the first of equals before the others.
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
        var room = columns + Self.gap
        var kept: Set<Int> = []
        // The most important first; where one does not fit, a shorter one behind it still may.
        let byPriority = hints.indices.sorted {
            hints[$0].priority != hints[$1].priority ? hints[$0].priority > hints[$1].priority : $0 < $1
        }
        for index in byPriority where hints[index].columns + Self.gap <= room {
            room -= hints[index].columns + Self.gap
            kept.insert(index)
        }
        return hints.indices.filter(kept.contains).map { hints[$0] }
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
