extension VirtualList {
    /// Begins to read, in place of what was being read before.
    public mutating func fetch(_ purpose: ListFetch<Row>.Purpose, request: Int) -> ListFetch<Row> {
        var purpose = purpose
        var limit = pageSize
        let origin: ListOrigin<Row>
        switch purpose {
        case .begin: origin = .after(nil)
        case .end: origin = .before(nil)
        case .append: origin = .after(rows.last)
        case .prepend: origin = .before(rows.first)
        case .refresh, .seek:
            guard let selected else {
                purpose = .begin
                origin = .after(nil)
                break
            }
            // From the beginning where that is near: then the selected one's place is known as well.
            let isNear = purpose == .refresh && !hasBefore && rows.count <= Self.refreshed
            origin = isNear ? .after(nil) : .around(selected)
            // With room for some that came in before it.
            limit = isNear ? rows.count + pageSize : max(pageSize, min(rows.count * 2, Self.refreshed))
        }
        let fetch = ListFetch(request: request, purpose: purpose, origin: origin, limit: limit)
        self.fetch = fetch
        return fetch
    }

    /// The most rows that are read to show what is loaded as it is now.
    private static var refreshed: Int { 600 }

    /// What came of a page.
    public enum Taken: Equatable, Sendable {
        /// It answers a request that counts no longer.
        case stale
        /// The rows are there.
        case filled
        /// The rows are there, and the selected one is not among them any more; its neighbour is selected.
        case lost(Row)
        /// The selected one is not among them, but may be elsewhere: nothing was taken, and it has to be sought.
        case missed
        /// The selected one is not in the list any more, and was to stay selected: nothing was taken.
        case vanished(Row)
    }

    /// Takes a page that was read; where `keepsSelected`, none without the selected row.
    public mutating func take(_ page: ListPage<Row>, request: Int, keepsSelected: Bool = false) -> Taken {
        guard let fetch, fetch.request == request else { return .stale }
        self.fetch = nil
        isLoaded = true
        switch fetch.purpose {
        case .begin: begin(page)
        case .end: end(page)
        case .append: append(page)
        case .prepend: prepend(page)
        case .refresh, .seek: return refresh(page, fetch.origin, keepsSelected)
        }
        return .filled
    }

    /// Ends a fetch that failed; nil where it counts no longer.
    public mutating func fail(request: Int) -> ListFetch<Row>.Purpose? {
        guard let fetch, fetch.request == request else { return nil }
        self.fetch = nil
        return fetch.purpose
    }

    /// Notes that it is being counted how many rows there are; that and the rows' place are forgotten where `anew`.
    public mutating func count(request: Int, anew: Bool = false) {
        countRequest = request
        guard anew else { return }
        total = nil
        // Of another list the place in this one says nothing.
        firstIndex = nil
    }

    /// Takes how many rows there are; nil where that could not be found out.
    public mutating func take(_ count: ListCount?, request: Int) {
        guard countRequest == request else { return }
        countRequest = nil
        total = count ?? total
        if !hasAfter, hasBefore, firstIndex?.precision != .exact || total?.precision == .exact {
            firstIndex = indexFromEnd
        }
    }

    private mutating func begin(_ page: ListPage<Row>) {
        rows = page.rows
        hasBefore = false
        hasAfter = page.hasAfter
        firstIndex = ListCount(0)
        selectedIndex = rows.isEmpty ? nil : 0
        top = 0
        if !hasAfter { total = ListCount(rows.count) }
    }

    private mutating func end(_ page: ListPage<Row>) {
        rows = page.rows
        hasBefore = page.hasBefore
        hasAfter = false
        firstIndex = hasBefore ? indexFromEnd : ListCount(0)
        selectedIndex = rows.isEmpty ? nil : rows.count - 1
        scroll()
    }

    /// How many rows stand before those that are loaded up to the end; no better known than the total.
    private var indexFromEnd: ListCount? {
        guard let total, total.precision != .moreThan else { return nil }
        return ListCount(max(0, total.number - rows.count), total.precision)
    }

    private mutating func append(_ page: ListPage<Row>) {
        let known = Set(rows.map(\.id))
        rows += page.rows.filter { !known.contains($0.id) }
        hasAfter = page.hasAfter
        let excess = rows.count - Self.capacity
        guard excess > 0, top > excess else { return }
        rows.removeFirst(excess)
        selectedIndex? -= excess
        top -= excess
        hasBefore = true
        firstIndex?.number += excess
    }

    private mutating func prepend(_ page: ListPage<Row>) {
        let known = Set(rows.map(\.id))
        let new = page.rows.filter { !known.contains($0.id) }
        rows = new + rows
        selectedIndex? += new.count
        top += new.count
        hasBefore = page.hasBefore
        if hasBefore {
            firstIndex = firstIndex.flatMap {
                $0.number > new.count ? ListCount($0.number - new.count, $0.precision) : nil
            }
        } else {
            firstIndex = ListCount(0)
        }
        guard rows.count > Self.capacity, top + visibleRows < Self.capacity else { return }
        rows.removeLast(rows.count - Self.capacity)
        hasAfter = true
    }

    /// Puts newly read rows in the place of all, and the selected one where it stood on the screen.
    private mutating func refresh(_ page: ListPage<Row>, _ origin: ListOrigin<Row>, _ keepsSelected: Bool) -> Taken {
        guard let selected, let index = selectedIndex else { return .filled }
        let found = page.rows.firstIndex { $0.id == selected.id }
        if found == nil, origin != .around(selected) { return .missed }
        if found == nil, keepsSelected { return .vanished(selected) }
        let line = index - top
        // Of a page that ends on the screen the row could not stay where it is.
        if let found, origin != .around(selected),
            page.hasBefore && found < line || page.hasAfter && found - line + visibleRows > page.rows.count
        {
            return .missed
        }
        let place = position
        let chosen = found ?? neighbour(of: index, in: page)
        rows = page.rows
        hasBefore = page.hasBefore
        hasAfter = page.hasAfter
        selectedIndex = rows.isEmpty ? nil : chosen
        if hasBefore {
            firstIndex = place.map { ListCount(max(0, $0.number - 1 - chosen), .about) }
        } else {
            firstIndex = ListCount(0)
            if !hasAfter { total = ListCount(rows.count) }
        }
        // Below the last row the screen stays empty until the selection moves: it must not move by itself. But a list for which there
        // is room is seen whole: else what came in would be hidden above an empty screen.
        let isWhole = !hasBefore && !hasAfter && rows.count <= visibleRows
        top = isWhole ? 0 : max(0, chosen - line)
        return found == nil ? .lost(selected) : .filled
    }

    /// Index in a new page of what stood nearest to a loaded row that is not in it, below it rather than above.
    private func neighbour(of index: Int, in page: ListPage<Row>) -> Int {
        let places = Dictionary(page.rows.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
        let near = rows[(index + 1)...] + rows[..<index].reversed()
        let end = page.hasBefore && !page.hasAfter ? page.rows.count - 1 : 0
        return near.lazy.compactMap { places[$0.id] }.first ?? max(0, end)
    }
}
