/// Columns of text under titles, as wide as the screen allows.
///
/// Every row begins with two cells for the mark of the selected row, so that it is seen without colours too.
public struct Table: Equatable, Sendable {
    /// A column as it is wished for.
    public struct Column: Equatable, Sendable {
        /// What stands above it.
        public var title: String
        /// Cells below which it makes no sense.
        public var minimumColumns: Int
        /// Its share of the cells that are left over; 0 keeps it at its minimum.
        public var weight: Int
        /// The most cells that it can use.
        public var maximumColumns: Int
        /// Where text stands in it.
        public var alignment: Alignment
        /// On a narrow screen the column with the lowest priority goes first, the last of equals before the others.
        public var priority: Int

        /// Makes a column.
        public init(
            title: String, minimumColumns: Int, weight: Int = 0, maximumColumns: Int = .max,
            alignment: Alignment = .leading, priority: Int = 0
        ) {
            self.title = title
            self.minimumColumns = max(1, minimumColumns)
            self.weight = max(0, weight)
            self.maximumColumns = max(self.minimumColumns, maximumColumns)
            self.alignment = alignment
            self.priority = priority
        }
    }

    /// A column that is shown, and where.
    public struct ResolvedColumn: Equatable, Sendable {
        /// Its index in ``Table/columns``.
        public let index: Int
        /// Cells from the left edge of the table.
        public let column: Int
        /// Its width in cells.
        public let columns: Int
    }

    /// What one place in the table shows.
    public struct Item: Equatable, Sendable {
        /// The text, cut where it does not fit.
        public var text: String
        /// What it means; the selected row shows it as selected.
        public var style: Style
        /// Whether what is searched for is marked in it.
        public var isSearched: Bool

        /// Makes an item.
        public init(_ text: String, style: Style = .plain, isSearched: Bool = true) {
            self.text = text
            self.style = style
            self.isSearched = isSearched
        }
    }

    static let gap = 2
    static let markColumns = 2

    /// The columns from left to right.
    public var columns: [Column]

    /// Makes a table.
    public init(columns: [Column]) { self.columns = columns }

    /// Decides which columns `width` cells have room for, and how wide each is. The most important one always stays.
    public func layout(width: Int) -> [ResolvedColumn] {
        var kept = Array(columns.indices)
        while kept.count > 1, minimum(of: kept) > width {
            guard let least = kept.indices.reversed().min(by: { priority(kept[$0]) < priority(kept[$1]) }) else {
                break
            }
            kept.remove(at: least)
        }
        let widths = share(width, among: kept)
        var at = Self.markColumns
        var resolved: [ResolvedColumn] = []
        for (index, columns) in zip(kept, widths) {
            resolved.append(ResolvedColumn(index: index, column: at, columns: columns))
            at += columns + Self.gap
        }
        return resolved
    }

    private func priority(_ index: Int) -> Int { columns[index].priority }

    private func minimum(of kept: [Int]) -> Int {
        kept.reduce(Self.markColumns - Self.gap) { $0 + columns[$1].minimumColumns + Self.gap }
    }

    /// Gives what is left over to the columns by weight, again as long as one reaches its maximum.
    private func share(_ width: Int, among kept: [Int]) -> [Int] {
        var widths = kept.map { columns[$0].minimumColumns }
        var rest = width - minimum(of: kept)
        if rest < 0, kept.count == 1 { return [max(1, width - Self.markColumns)] }
        while rest > 0 {
            let open = kept.indices.filter {
                columns[kept[$0]].weight > 0 && widths[$0] < columns[kept[$0]].maximumColumns
            }
            let weights = open.reduce(0) { $0 + columns[kept[$1]].weight }
            guard weights > 0 else { break }
            let round = rest
            for place in open where rest > 0 {
                let column = columns[kept[place]]
                let wanted = max(1, round * column.weight / weights)
                let more = min(rest, wanted, column.maximumColumns - widths[place])
                widths[place] += more
                rest -= more
            }
        }
        return widths
    }
}
