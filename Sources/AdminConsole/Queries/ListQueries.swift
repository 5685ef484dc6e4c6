import ConvonetCore
import TerminalKit

/// What a list is limited and sorted by, and how its rows are read.
protocol ListSelection: Equatable, Sendable {
    associatedtype Row: Identifiable & Equatable & Sendable where Row.ID: Sendable

    func page(_ origin: ListOrigin<Row>, limit: Int, in session: AdminSession) async throws -> ListPage<Row>
    /// How many there are, as exactly as that is to be had at once.
    func total(in session: AdminSession) async throws -> ListCount
}

extension ListSelection {
    /// More rows than this are not counted where only some are wanted.
    static var mostCounted: Int { 50_000 }
}

/// A window of a list.
struct PageQuery<Selection: ListSelection>: Query {
    typealias Value = ListPage<Selection.Row>
    var selection: Selection
    var origin: ListOrigin<Selection.Row>
    var limit: Int

    static var lane: Lane { Lane("page", of: Selection.self) }
    var lane: Lane? { Self.lane }
    /// Of another list nobody needs to know any more how many were in it.
    var clears: [Lane] {
        origin == .after(nil) ? [CountQuery<Selection>.lane(), CountQuery<Selection>.lane(isUnfiltered: true)] : []
    }

    func read(from session: any ConsoleSession) async throws -> ListPage<Selection.Row> {
        try await session.page(of: selection, origin, limit: limit)
    }
}

/// How many rows a list has.
struct CountQuery<Selection: ListSelection>: Query {
    typealias Value = ListCount
    var selection: Selection
    /// Whether it is counted beside the list's own count: how many there would be without filters.
    var isUnfiltered = false

    static func lane(isUnfiltered: Bool = false) -> Lane {
        Lane(isUnfiltered ? "unfiltered count" : "count", of: Selection.self)
    }

    var lane: Lane? { Self.lane(isUnfiltered: isUnfiltered) }

    func read(from session: any ConsoleSession) async throws -> ListCount { try await session.total(of: selection) }
}
