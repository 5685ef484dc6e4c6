import TerminalKit
import Testing

/// The list's value, fed page by page from rows that somebody else changes.
@Suite struct VirtualListTests {
    private struct Row: Identifiable, Equatable, Sendable {
        var id: Int
        /// What the list is sorted by.
        var place: Int
    }

    private typealias List = VirtualList<Row>

    private static func rows(_ range: Range<Int>) -> [Row] { range.map { Row(id: $0, place: $0 * 10) } }

    private func page(_ all: [Row], _ fetch: ListFetch<Row>) -> ListPage<Row> {
        let sorted = all.sorted { $0.place < $1.place }
        let limit = fetch.limit
        switch fetch.origin {
        case .after(let row):
            let rest = sorted.filter { $0.place > row?.place ?? .min }
            return ListPage(rows: Array(rest.prefix(limit)), hasAfter: rest.count > limit)
        case .before(let row):
            let rest = sorted.filter { $0.place < row?.place ?? .max }
            return ListPage(rows: Array(rest.suffix(limit)), hasBefore: rest.count > limit)
        case .around(let row):
            let place = sorted.first { $0.id == row.id }?.place ?? row.place
            let (above, below) = (sorted.filter { $0.place < place }, sorted.filter { $0.place >= place })
            return ListPage(
                rows: above.suffix(limit / 2) + below.prefix(limit - limit / 2), hasBefore: above.count > limit / 2,
                hasAfter: below.count > limit - limit / 2)
        }
    }

    /// Reads until nothing more is wanted; what came of the last page.
    @discardableResult
    private func read(_ list: inout List, _ purpose: ListFetch<Row>.Purpose?, from all: [Row]) -> List.Taken {
        var next = purpose
        var request = 1
        var taken = List.Taken.filled
        while let purpose = next {
            request += 1
            let fetch = list.fetch(purpose, request: request)
            let result = list.take(page(all, fetch), request: request)
            if purpose != .append, purpose != .prepend { taken = result }
            next = result == .missed ? .seek : list.ahead
        }
        return taken
    }

    private func list(of all: [Row], visible: Int = 10) -> List {
        var list = List()
        list.resize(visibleRows: visible)
        read(&list, .begin, from: all)
        return list
    }

    @Test func aRowThatMovedFarAwayIsSoughtAndNotLost() {
        var all = Self.rows(0..<5000)
        var list = list(of: all)
        _ = list.move(.rows(3))
        all[3].place = 30_005
        #expect(read(&list, .refresh, from: all) == .filled)
        #expect(list.selectedID == 3)
        #expect(list.position?.precision == .about)
        #expect(list.shown.contains { $0.id == 3 })
    }

    @Test func aRowThatIsGoneGivesWayToItsNeighbour() {
        let all = Self.rows(0..<5000)
        for (gone, neighbour) in [(0, 1), (3, 4), (4999, 4998)] {
            var list = list(of: all)
            read(&list, list.move(gone == 4999 ? .last : .rows(gone)), from: all)
            #expect(list.selectedID == gone)
            let taken = read(&list, .refresh, from: all.filter { $0.id != gone })
            #expect(taken == .lost(Row(id: gone, place: gone * 10)))
            #expect(list.selectedID == neighbour)
        }
    }

    @Test func everythingGoneLeavesAnEmptyList() {
        var list = list(of: Self.rows(0..<30))
        #expect(read(&list, .refresh, from: []) == .lost(Row(id: 0, place: 0)))
        #expect(list.rows.isEmpty && list.selectedID == nil && list.ahead == nil)
        #expect(list.move(.rows(1)) == nil && list.move(.last) == nil)
        read(&list, .refresh, from: Self.rows(0..<3))
        #expect(list.selectedID == 0)
    }

    @Test func aRefreshKeepsTheSelectedRowsLineOnTheScreen() {
        var all = Self.rows(0..<500)
        var list = list(of: all)
        _ = list.move(.rows(40))
        _ = list.move(.rows(-4))
        let line = (list.selectedIndex ?? 0) - list.top
        all += (0..<20).map { Row(id: 10_000 + $0, place: $0 - 100) }
        read(&list, .refresh, from: all)
        #expect(list.selectedID == 36)
        #expect((list.selectedIndex ?? 0) - list.top == line)
        #expect(list.position == ListCount(57))
    }

    /// Also where the page that was read ends just behind the selected row, and so many came that it is no longer in it.
    @Test(arguments: [1, 5, 45, 49, 60, 700]) func theLineStaysHoweverManyComeBefore(come: Int) {
        for (count, down) in [(3, 1), (12, 11), (30, 25), (50, 49), (60, 44), (500, 470), (5000, 900)] {
            var all = Self.rows(0..<count)
            var list = list(of: all)
            for _ in 0..<down { read(&list, list.move(.rows(1)), from: all) }
            read(&list, list.move(.rows(-1)), from: all)
            let (id, line) = (list.selectedID, (list.selectedIndex ?? 0) - list.top)
            all += (0..<come).map { Row(id: 10_000 + $0, place: $0 - 1000) }
            read(&list, .refresh, from: all)
            // What there is room for is seen whole.
            let kept = all.count <= 10 ? list.selectedIndex ?? 0 : line
            #expect(list.selectedID == id && (list.selectedIndex ?? 0) - list.top == kept, "\(count), \(down)")
            // Where there is more, the screen is full.
            #expect(!list.hasAfter || list.shown.count == list.visibleRows)
            list.resize(visibleRows: 10)
            #expect((list.selectedIndex ?? 0) - list.top == kept)
        }
    }

    @Test func staleAndFailedPagesChangeNothing() {
        var list = list(of: Self.rows(0..<30))
        let before = list
        _ = list.fetch(.refresh, request: 7)
        #expect(list.take(ListPage(rows: []), request: 6) == .stale)
        #expect(list.fail(request: 6) == nil)
        #expect(list.fail(request: 7) == .refresh)
        #expect(list == before)
    }

    @Test func theSelectionThatWentElsewhereMeanwhileIsRead() {
        let all = Self.rows(0..<5000)
        var list = list(of: all)
        read(&list, list.move(.last), from: all)
        let fetch = list.fetch(.refresh, request: 900)
        let old = page(all, fetch)
        // Home, before the answer is there.
        let home = list.fetch(.begin, request: 901)
        #expect(list.take(old, request: 900) == .stale)
        #expect(list.take(page(all, home), request: 901) == .filled)
        #expect(list.selectedID == 0)
    }

    @Test func noMoreIsKeptThanItsCapacity() {
        let all = Self.rows(0..<6000)
        var list = list(of: all, visible: 40)
        for _ in 0..<160 { read(&list, list.move(.screens(1)), from: all) }
        #expect(list.selectedID == 5999)
        #expect(list.rows.count <= List.capacity + list.pageSize)
        #expect(list.position == ListCount(6000))
        for _ in 0..<160 { read(&list, list.move(.screens(-1)), from: all) }
        #expect(list.selectedID == 0)
        #expect(list.position == ListCount(1))
        #expect(list.rows.count <= List.capacity + list.pageSize)
    }

    @Test func thePositionAtTheEndIsAsGoodAsTheTotal() {
        let all = Self.rows(0..<300)
        for (total, position) in [
            (ListCount(300), ListCount(300)), (ListCount(280, .about), ListCount(280, .about)),
            (ListCount(200, .moreThan), nil), (nil, nil),
        ] as [(ListCount?, ListCount?)] {
            var list = list(of: all)
            list.count(request: 50)
            list.take(total, request: 50)
            read(&list, .end, from: all)
            #expect(list.position == position)
        }
    }

    @Test(arguments: [
        (ListCount(0), "0"), (ListCount(999), "999"), (ListCount(1204), "1,204"),
        (ListCount(1_000_000, .about), "about 1,000,000"), (ListCount(50_000, .moreThan), "more than 50,000"),
    ])
    func countsAreSaidAsWellAsTheyAreKnown(_ count: ListCount, _ text: String) {
        #expect(count.text == text)
    }
}
