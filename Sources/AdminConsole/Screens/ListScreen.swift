import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import OperatingSystem
import PostgresClient
import TerminalKit

/// A screen that shows a long list: what it has to say for itself is how rows are read, counted and shown.
protocol ListScreen: LiveScreen {
    associatedtype Selection: ListSelection
    typealias Row = Selection.Row

    /// What the list is limited and sorted by now.
    var selection: Selection { get }
    /// What the loaded rows answer; nil where nothing was read yet.
    var answered: ListAnswer<Selection>? { get set }
    /// Since when they do not answer what is asked for; `uptime` as in `Shared`.
    var unansweredSince: Int? { get set }
    var window: VirtualList<Row> { get set }

    /// What is said of the rows, in a line above them; nil where there is nothing.
    var notice: String? { get }
    var noticeStyle: Style { get }

    /// The columns, for a screen of this width on which times are shown so.
    func table(columns: Int, _ display: Times.Display) -> Table
    /// What one row shows.
    func items(_ row: Row, _ shared: Shared, columns: Int) -> [Table.Item]

    /// What is said above the rows, or in their place.
    func heading(_ shared: Shared) -> ListHeading

    /// Rows were read; `lost` is the one that was selected and is gone.
    mutating func filled(lost: Row?, _ shared: inout Shared)
    /// The selected row is not in the list any more; it stays where it is until something is read by a key.
    mutating func vanished(_ row: Row, _ shared: inout Shared)
    /// Rows could not be read.
    mutating func failed(_ error: AdminError, _ purpose: ListFetch<Row>.Purpose, _ shared: inout Shared)
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

    var notice: String? { nil }
    var noticeStyle: Style { .caution }

    mutating func filled(lost: Row?, _ shared: inout Shared) {}

    mutating func vanished(_: Row, _: inout Shared) {}

    mutating func failed(_ error: AdminError, _ purpose: ListFetch<Row>.Purpose, _ shared: inout Shared) {
        say(error, &shared)
    }

    func say(_ error: AdminError, _ shared: inout Shared) {
        shared.noteConnection(error)
        shared.say(error.inConsole + " Press F5 to try again.", .danger)
    }

    mutating func begin(_ shared: inout Shared) {
        resize(&shared)
        restart(&shared)
    }

    /// Reads what another list of its kind, opened over this one, took the lane of.
    mutating func readAgainIfLost(_ shared: inout Shared) {
        guard shared.isSeen, let fetch = window.fetch, !shared.requests.isAwaiting(PageQuery<Selection>.lane) else {
            return
        }
        self.fetch(fetch.purpose, &shared, live: live.isReading)
    }

    /// Reads in place of what is being read, and unless it is `live`, by somebody's key.
    mutating func fetch(_ purpose: ListFetch<Row>.Purpose, _ shared: inout Shared, live isLive: Bool = false) {
        if !isLive { live.yield() }
        let request = shared.requests.next()
        unansweredSince = showsAnswer ? nil : unansweredSince ?? shared.uptime
        let fetch = window.fetch(purpose, request: request)
        let query = PageQuery(selection: selection, origin: fetch.origin, limit: fetch.limit)
        ask(query, as: request, &shared) { $0.take($1, request, &$2) }
    }

    /// Begins the list anew, with what it is limited and sorted by now.
    mutating func restart(_ shared: inout Shared) {
        window.count(request: 0, anew: true)
        fetch(.begin, &shared)
    }

    /// Reads the rows around the selected one as they are now, and how many there are.
    mutating func refresh(_ shared: inout Shared) {
        fetch(.refresh, &shared)
        countRows(&shared)
    }

    mutating func readAnew(_ shared: inout Shared) {
        fetch(.refresh, &shared, live: true)
        if let total = window.total, total.number <= LiveReading.countedRows { countRows(&shared) }
    }

    mutating func countRows(_ shared: inout Shared) {
        let request = shared.requests.next()
        window.count(request: request)
        // Without a total the list works as well; what is wrong is said by the rows' own request.
        ask(CountQuery(selection: selection), as: request, &shared) { list, total, _ in
            list.window.take(try? total.get(), request: request)
        }
    }

    /// Takes what moves the selection; false for another action.
    mutating func move(_ action: ConsoleAction, _ shared: inout Shared) -> Bool {
        let motion: VirtualList<Row>.Motion
        switch action {
        case .up: motion = .rows(-1)
        case .down: motion = .rows(1)
        case .pageUp: motion = .screens(-1)
        case .pageDown: motion = .screens(1)
        case .first: motion = .first
        case .last: motion = .last
        default: return false
        }
        if let purpose = window.move(motion) { fetch(purpose, &shared) }
        return true
    }

    /// Selects the row that is clicked on, where the rows answer what is asked for.
    mutating func click(_ position: Position, _ shared: inout Shared) { select(position, &shared) }

    mutating func select(_ position: Position, _ shared: inout Shared) {
        let row = position.row - 2 - headRows(shared.size)
        guard window.shown.indices.contains(window.top + row), row >= 0 else { return }
        if let purpose = window.move(.rows(window.top + row - (window.selectedIndex ?? 0))) { fetch(purpose, &shared) }
    }

    mutating func resize(_ shared: inout Shared) { fit(&shared) }

    /// Takes the height of the screen.
    mutating func fit(_ shared: inout Shared) {
        fitRows(shared)
        fetchAhead(&shared)
    }

    mutating func fitRows(_ shared: Shared) {
        let room = max(1, Console.bodyRows(shared.size) - 1 - headRows(shared.size))
        window.resize(visibleRows: shared.context.isLinear ? ListLayout.spokenPage : room)
    }

    /// Rows above the list's own.
    private func headRows(_ size: Size) -> Int { ListLayout.headRows(size) + (notice == nil ? 0 : 1) }

    mutating func fetchAhead(_ shared: inout Shared) {
        if let purpose = window.ahead { fetch(purpose, &shared) }
    }

    /// Takes a page that was read, or why it was not, and reads what is wanted because of it.
    mutating func take(_ result: Result<ListPage<Row>, AdminError>, _ request: Int, _ shared: inout Shared) {
        let page: ListPage<Row>
        switch result {
        case .success(let found): page = found
        case .failure(let error):
            return take(error, request, &shared)
        }
        let taken = window.take(page, request: request, keepsSelected: live.isReading)
        if taken == .stale { return }
        shared.noteConnection(nil)
        if taken == .missed { return fetch(.seek, &shared, live: live.isReading) }
        if case .vanished(let row) = taken {
            if live.staleSince == nil { vanished(row, &shared) }
            return live.fail(shared)
        }
        live.succeed(shared)
        answered = ListAnswer(selection: selection, readAt: shared.now)
        unansweredSince = nil
        fetchAhead(&shared)
        guard case .lost(let row) = taken else {
            // A page without an end says nothing of how long the list is.
            if window.total == nil, window.hasAfter || window.hasBefore,
                !shared.requests.isAwaiting(CountQuery<Selection>.lane())
            {
                countRows(&shared)
            }
            return filled(lost: nil, &shared)
        }
        filled(lost: row, &shared)
    }

    private mutating func take(_ error: AdminError, _ request: Int, _ shared: inout Shared) {
        guard let purpose = window.fail(request: request) else { return }
        guard live.isReading else { return failed(error, purpose, &shared) }
        live.fail(shared)
        shared.noteConnection(error)
    }

    /// The title line, the table, or what stands in its place.
    func draw(
        into buffer: inout Buffer, _ console: Console, title: (_ room: Int) -> String, status: [String?],
        _ style: Style = .plain, empty: String
    ) {
        let status = status.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; ")
        let statusColumns = TextWidth.columns(of: status)
        let room = buffer.size.columns - statusColumns - 4
        if room >= 7 { buffer.write(TextWidth.fitted(title(room), to: room), column: 1, row: 1, style: .title) }
        buffer.write(status, column: buffer.size.columns - statusColumns - 1, row: 1, style: style)
        drawRows(into: &buffer, console)
        drawEmpty(empty, into: &buffer)
    }

    /// When the rows are dimmed unless an answer comes before; nil where they are, or need not be. A search that is answered at once, as most
    /// are, must not paint the whole list twice for each letter.
    func dimsAt(_ shared: Shared) -> Int? {
        guard window.fetch != nil, let moment = unansweredSince.map({ $0 + 200 }) else { return nil }
        return moment > shared.uptime ? moment : nil
    }

    func nextMoment(_ shared: Shared) -> Int? { dimsAt(shared) }

    /// The table below the title line, over so many columns. Rows that are old or no answer are dimmed.
    func drawRows(
        into buffer: inout Buffer, _ console: Console, columns: Int? = nil, showsCursor: Bool = true,
        marking: (String) -> [Range<String.Index>] = { _ in [] }
    ) {
        let columns = columns ?? buffer.size.columns
        let table = table(columns: columns, console.shared.timeDisplay)
        let layout = table.layout(width: columns)
        func line(_ row: Int) -> Rect { Rect(column: 0, row: row, columns: columns, rows: 1) }
        table.drawHeader(layout, into: &buffer, rect: line(2), style: .strong)
        let head = headRows(buffer.size)
        if ListLayout.headRows(buffer.size) > 1 {
            buffer.write(String(repeating: "─", count: columns), column: 0, row: 3, style: .border)
        }
        if let notice {
            buffer.write(TextWidth.fitted(notice, to: columns - 3), column: 2, row: 1 + head, style: noticeStyle)
        }
        let isWaiting = dimsAt(console.shared) != nil
        let isDimmed = !showsAnswer && !isWaiting || console.shared.lost != nil
        for (offset, row) in window.shown.enumerated() {
            let isSelected = row.id == window.selectedID && (showsAnswer || isWaiting)
            var items = items(row, console.shared, columns: columns)
            if isDimmed { for index in items.indices { items[index].style = .dim } }
            table.drawRow(
                items, layout, into: &buffer, rect: line(2 + head + offset), selected: isSelected,
                marking: isDimmed ? { _ in [] } : marking)
            if isSelected, showsCursor { buffer.cursor = Position(column: 0, row: 2 + head + offset) }
        }
    }

    /// What stands where there are no rows.
    func drawEmpty(_ text: String, into buffer: inout Buffer) {
        guard window.rows.isEmpty, window.fetch == nil || live.isReading else { return }
        let lines = Line.wrapped(window.isLoaded ? text : "Not loaded.", .dim, columns: buffer.size.columns - 3)
        let top = 3 + ListLayout.headRows(buffer.size)
        lines.draw(
            into: &buffer,
            Rect(column: 2, row: top, columns: buffer.size.columns - 3, rows: max(0, buffer.size.rows - 2 - top)))
    }

    /// How old the rows are, where that has to be said.
    func age(_ console: Console) -> String? {
        guard let answered, console.shared.lost != nil || !showsAnswer, window.fetch?.replacesRows != true else {
            return nil
        }
        let ago = Age.shortAgo(answered.readAt, now: console.shared.now)
        return showsAnswer ? "as of \(ago)" : "search failed; results from \(ago)"
    }

    /// Where the selection is: `1,204 of about 1,000,000`; or what is being waited for.
    func status(whileFetching: String = "loading…") -> String {
        switch window.fetch?.purpose {
        case .begin, .end, .refresh, .seek: if !live.isReading { return whileFetching }
        case .append, .prepend, nil: break
        }
        guard window.isLoaded else { return "" }
        let total = window.total ?? (window.hasAfter || window.hasBefore ? nil : ListCount(window.rows.count))
        return [window.position?.text, total?.text].compactMap { $0 }.joined(separator: " of ")
    }
}

/// Where the parts of a list stand.
enum ListLayout {
    /// Rows that are read in one go.
    static let spokenRows = 9
    /// Rows of a page: one goes on by one less.
    static let spokenPage = spokenRows + 1

    /// Rows above the list's own: the titles, and where there is room a line.
    static func headRows(_ size: Size) -> Int { size.rows >= 20 ? 2 : 1 }
}
