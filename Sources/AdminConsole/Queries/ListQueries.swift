import TerminalKit

/// What a list is limited and sorted by, and how its rows are read.
protocol ListSelection: Equatable, Sendable {
    associatedtype Row: Identifiable & Equatable & Sendable where Row.ID: Sendable

    func page(_ origin: ListOrigin<Row>, limit: Int, from session: any ConsoleSession) async throws -> ListPage<Row>
    func total(from session: any ConsoleSession) async throws -> ListCount
}

/// A window of a list.
struct PageQuery<Selection: ListSelection>: Query {
    typealias Value = ListPage<Selection.Row>

    var selection: Selection
    var origin: ListOrigin<Selection.Row>
    var limit: Int

    var lane: Lane? { Lane("page", of: Selection.self) }
    /// Of another list nobody needs to know any more how many were in it.
    var clears: [Lane] { origin == .after(nil) ? CountQuery<Selection>.lanes : [] }

    func read(from session: any ConsoleSession) async throws -> ListPage<Selection.Row> {
        try await selection.page(origin, limit: limit, from: session)
    }
}

/// How many rows a list has.
struct CountQuery<Selection: ListSelection>: Query {
    typealias Value = ListCount

    var selection: Selection
    /// Whether it is counted beside the list's own count: how many there would be without filters.
    var isUnfiltered = false

    static var lanes: [Lane] { [Lane("count", of: Selection.self), Lane("unfiltered count", of: Selection.self)] }
    var lane: Lane? { Self.lanes[isUnfiltered ? 1 : 0] }

    func read(from session: any ConsoleSession) async throws -> ListCount { try await selection.total(from: session) }
}
