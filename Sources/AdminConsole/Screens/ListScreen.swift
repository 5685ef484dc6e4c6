import ConvonetCore
import PostgresClient
import TerminalKit

/// A screen that shows a long list: what it has to say for itself is how rows are read, counted and shown.
protocol ListScreen: Screen {
    associatedtype Selection: ListSelection
    typealias Row = Selection.Row

    /// What the list is limited and sorted by now.
    var selection: Selection { get }
    /// What the loaded rows answer; nil where nothing was read yet.
    var answered: ListAnswer<Selection>? { get set }
    var window: VirtualList<Row> { get set }

    /// Takes a window of the list, or why there is none.
    static func take(_ page: Result<ListPage<Row>, AdminError>, _ request: Int, in console: inout Console) -> [Effect]
    /// Takes how many rows there are.
    static func take(_ count: ListCount?, _ request: Int, in console: inout Console)
    /// The columns, for a screen of this width on which times are shown so.
    func table(columns: Int, _ display: Times.Display) -> Table
    /// What one row shows.
    func items(_ row: Row, _ times: Times, columns: Int) -> [Table.Item]
}

/// What the rows of a list answer, and when they were read.
struct ListAnswer<Selection: Equatable & Sendable>: Equatable, Sendable {
    var selection: Selection
    var readAt: Timestamp
}

extension ListScreen {
    /// Whether the rows answer what is asked for now, however old they are. Rows that do not are kept to be seen, and no key
    /// acts on them.
    var showsAnswer: Bool { answered?.selection == selection }

    /// Reads in place of what is being read.
    mutating func fetch(_ purpose: ListFetch<Row>.Purpose, _ requests: inout Requests) -> [Effect] {
        let request = requests.next()
        let fetch = window.fetch(purpose, request: request)
        let query = PageQuery(selection: selection, origin: fetch.origin, limit: fetch.limit)
        return [requests.read(query, as: request) { Self.take($1, request, in: &$0) }]
    }

    /// Begins the list anew, with what it is limited and sorted by now.
    mutating func begin(_ requests: inout Requests) -> [Effect] {
        window.count(request: 0, anew: true)
        return fetch(.begin, &requests)
    }

    /// Reads the rows around the selected one as they are now, and how many there are.
    mutating func refresh(_ requests: inout Requests) -> [Effect] {
        fetch(.refresh, &requests) + countRows(&requests)
    }

    mutating func countRows(_ requests: inout Requests) -> [Effect] {
        let request = requests.next()
        window.count(request: request)
        return [
            requests.read(CountQuery(selection: selection), as: request) {
                Self.take(try? $1.get(), request, in: &$0)
                return []
            }
        ]
    }

    /// Takes what moves the selection; nil for another action.
    mutating func move(_ action: ConsoleAction, _ requests: inout Requests) -> [Effect]? {
        let motion: VirtualList<Row>.Motion
        switch action {
        case .up: motion = .rows(-1)
        case .down: motion = .rows(1)
        case .pageUp: motion = .screens(-1)
        case .pageDown: motion = .screens(1)
        case .first: motion = .first
        case .last: motion = .last
        default: return nil
        }
        return window.move(motion).map { fetch($0, &requests) } ?? []
    }

    /// Takes the height of the screen.
    mutating func resize(_ size: Size, _ requests: inout Requests) -> [Effect] {
        window.resize(visibleRows: max(1, Console.bodyRows(size) - 1 - ListLayout.headRows(size)))
        return fetchAhead(&requests)
    }

    mutating func fetchAhead(_ requests: inout Requests) -> [Effect] {
        window.ahead.map { fetch($0, &requests) } ?? []
    }

    /// Takes a page that was read, and returns what is read because of it; `lost` is the row that was selected and is gone.
    mutating func take(
        _ page: ListPage<Row>, request: Int, now: Timestamp, _ requests: inout Requests
    ) -> (effects: [Effect], lost: Row?) {
        let taken = window.take(page, request: request)
        if taken != .stale, taken != .missed { answered = ListAnswer(selection: selection, readAt: now) }
        switch taken {
        case .stale: return ([], nil)
        case .missed: return (fetch(.seek, &requests), nil)
        case .lost(let row): return (fetchAhead(&requests), row)
        case .filled:
            // A page without an end says nothing of how long the list is.
            let counting = window.total == nil && (window.hasAfter || window.hasBefore) ? countRows(&requests) : []
            return (fetchAhead(&requests) + counting, nil)
        }
    }

    /// The table below the title line, over so many columns. Rows that are old or no answer are dimmed.
    func drawRows(
        into buffer: inout Buffer, _ console: Console, columns: Int? = nil, showsCursor: Bool = true,
        marking: (String) -> [Range<String.Index>] = { _ in [] }
    ) {
        let columns = columns ?? buffer.size.columns
        let table = table(columns: columns, console.timeDisplay)
        let layout = table.layout(width: columns)
        func line(_ row: Int) -> Rect { Rect(column: 0, row: row, columns: columns, rows: 1) }
        table.drawHeader(layout, into: &buffer, rect: line(2), style: .strong)
        let head = ListLayout.headRows(buffer.size)
        if head > 1 { buffer.write(String(repeating: "─", count: columns), column: 0, row: 3, style: .border) }
        let isDimmed = !showsAnswer || console.lost != nil
        for (offset, row) in window.shown.enumerated() {
            let isSelected = row.id == window.selectedID && showsAnswer
            var items = items(row, console.times, columns: columns)
            if isDimmed { for index in items.indices { items[index].style = .dim } }
            table.drawRow(
                items, layout, into: &buffer, rect: line(2 + head + offset), selected: isSelected,
                marking: isDimmed ? { _ in [] } : marking)
            if isSelected, showsCursor { buffer.cursor = Position(column: 0, row: 2 + head + offset) }
        }
    }

    /// What stands where there are no rows.
    func drawEmpty(_ text: String, into buffer: inout Buffer) {
        guard window.rows.isEmpty, window.fetch == nil else { return }
        buffer.write(
            window.isLoaded ? text : "Not loaded.", column: 2, row: 3 + ListLayout.headRows(buffer.size), style: .dim,
            limit: buffer.size.columns - 3)
    }

    /// How old the rows are, where that has to be said.
    func age(_ console: Console) -> String? {
        guard let answered, console.lost != nil || !showsAnswer, window.fetch?.replacesRows != true else { return nil }
        let ago = Age.shortAgo(answered.readAt, now: console.now)
        return showsAnswer ? "as of \(ago)" : "not searched: old results, \(ago)"
    }

    /// Where the selection is: `1,204 of about 1,000,000`; or what is being waited for.
    func status(whileFetching: String = "loading…") -> String {
        switch window.fetch?.purpose {
        case .begin, .end, .refresh, .seek: return whileFetching
        case .append, .prepend, nil: break
        }
        guard window.isLoaded else { return "" }
        let total = window.total ?? (window.hasAfter || window.hasBefore ? nil : ListCount(window.rows.count))
        return [window.position?.text, total?.text].compactMap { $0 }.joined(separator: " of ")
    }
}

/// Where the parts of a list stand.
enum ListLayout {
    /// Rows above the list's own: the titles, and where there is room a line.
    static func headRows(_ size: Size) -> Int { size.rows >= 20 ? 2 : 1 }
}
