/// A long list of which a part is loaded, and the selection in it, which is bound to a row's id and never to its place.
///
/// It says what must be read (``fetch(_:request:)``) and takes what was (``take(_:request:)``); reading is up to others.
public struct VirtualList<Row: Identifiable & Equatable & Sendable>: Equatable, Sendable where Row.ID: Sendable {
    /// The rows that are loaded.
    public internal(set) var rows: [Row] = []
    /// Whether the list goes on before the first loaded row.
    public internal(set) var hasBefore = false
    /// Whether the list goes on behind the last loaded row.
    public internal(set) var hasAfter = false
    /// How many rows stand before the first loaded one in the whole list; nil where it is not known.
    public internal(set) var firstIndex: ListCount?
    /// Index of the selected row among those that are loaded; nil only where none is.
    public internal(set) var selectedIndex: Int?
    /// Index of the row at the top of the screen.
    public internal(set) var top = 0
    /// Rows that the screen has room for.
    public internal(set) var visibleRows = 1
    /// The fetch that is under way.
    public internal(set) var fetch: ListFetch<Row>?
    /// Whether the rows are an answer to what was asked last.
    public internal(set) var isLoaded = false
    /// How many rows there are in all; nil where it is not known.
    public internal(set) var total: ListCount?
    var countRequest: Int?

    /// More rows than this are not kept: what is far from the selection is read again when it is needed.
    public static var capacity: Int { 1000 }

    /// A list of which nothing is loaded.
    public init() {}

    /// Rows in one fetch: enough for the screen and what comes next.
    public var pageSize: Int { max(50, visibleRows * 3) }

    /// The selected row.
    public var selected: Row? { selectedIndex.map { rows[$0] } }

    /// Its id.
    public var selectedID: Row.ID? { selectedIndex.map { rows[$0].id } }

    /// Place of the selected row in the whole list, from 1; nil where it is not known.
    public var position: ListCount? {
        selectedIndex.flatMap { index in firstIndex.map { ListCount($0.number + index + 1, $0.precision) } }
    }

    /// The rows on the screen.
    public var shown: ArraySlice<Row> { rows.dropFirst(top).prefix(visibleRows) }

    /// A movement of the selection.
    public enum Motion: Equatable, Sendable {
        /// So many rows down, or up where negative.
        case rows(Int)
        /// So many screens down, or up where negative.
        case screens(Int)
        /// To the first or the last row of the whole list.
        case first, last
    }

    /// Moves the selection as far as rows are loaded, and returns what must be read for the rest or ahead of it.
    public mutating func move(_ motion: Motion) -> ListFetch<Row>.Purpose? {
        switch motion {
        case .first where hasBefore: return .begin
        case .last where hasAfter: return .end
        case .first: select(0)
        case .last: select(rows.count - 1)
        case .rows(let count): select((selectedIndex ?? 0) + count)
        case .screens(let count): select((selectedIndex ?? 0) + count * max(1, visibleRows - 1))
        }
        return ahead
    }

    /// What should be read before the selection gets there; nil while something is being read.
    public var ahead: ListFetch<Row>.Purpose? {
        guard fetch == nil, let index = selectedIndex else { return nil }
        if hasAfter, index >= rows.count - visibleRows * 2 { return .append }
        if hasBefore, index < visibleRows * 2 { return .prepend }
        return nil
    }

    /// Takes the height of the screen and keeps the selected row on it; where it is the same, everything stays where it is.
    public mutating func resize(visibleRows: Int) {
        let rows = max(1, visibleRows)
        guard rows != self.visibleRows else { return }
        self.visibleRows = rows
        scroll()
    }

    /// Shows a row as it is now, if it is loaded.
    public mutating func replace(_ row: Row) {
        if let index = rows.firstIndex(where: { $0.id == row.id }) { rows[index] = row }
    }

    private mutating func select(_ index: Int) {
        guard !rows.isEmpty else { return }
        selectedIndex = min(max(0, index), rows.count - 1)
        scroll()
    }

    /// Brings the selected row into view.
    mutating func scroll() {
        guard let index = selectedIndex else {
            top = 0
            return
        }
        top = min(max(top, index - visibleRows + 1), index)
        top = max(0, min(top, rows.count - visibleRows))
    }
}
