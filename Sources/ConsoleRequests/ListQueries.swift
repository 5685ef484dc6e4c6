package import ConvonetCore
package import TerminalKit

/// What a list is limited and sorted by, and how its rows are read.
package protocol ListSelection: Equatable, Sendable {
    associatedtype Row: Identifiable & Equatable & Sendable where Row.ID: Sendable

    func page(_ origin: ListOrigin<Row>, limit: Int, in session: AdminSession) async throws -> ListPage<Row>
    /// How many there are, as exactly as that is to be had at once.
    func total(in session: AdminSession) async throws -> ListCount
}

extension ListSelection {
    /// More rows than this are not counted where only some are wanted.
    package static var mostCounted: Int { 50_000 }
}

/// A window of a list.
package struct PageQuery<Selection: ListSelection>: Query {
    package typealias Value = ListPage<Selection.Row>
    package var selection: Selection
    package var origin: ListOrigin<Selection.Row>
    package var limit: Int

    package init(selection: Selection, origin: ListOrigin<Selection.Row>, limit: Int) {
        self.selection = selection
        self.origin = origin
        self.limit = limit
    }

    package static var lane: Lane { Lane("page", of: Selection.self) }
    package var lane: Lane? { Self.lane }
    /// Of another list nobody needs to know any more how many were in it.
    package var clears: [Lane] {
        origin == .after(nil) ? [CountQuery<Selection>.lane(), CountQuery<Selection>.lane(isUnfiltered: true)] : []
    }

    package func read(from session: any ConsoleSession) async throws -> ListPage<Selection.Row> {
        try await session.page(of: selection, origin, limit: limit)
    }
}

/// How many rows a list has.
package struct CountQuery<Selection: ListSelection>: Query {
    package typealias Value = ListCount
    package var selection: Selection
    /// Whether it is counted beside the list's own count: how many there would be without filters.
    package var isUnfiltered = false

    package init(selection: Selection, isUnfiltered: Bool = false) {
        self.selection = selection
        self.isUnfiltered = isUnfiltered
    }

    package static func lane(isUnfiltered: Bool = false) -> Lane {
        Lane(isUnfiltered ? "unfiltered count" : "count", of: Selection.self)
    }

    package var lane: Lane? { Self.lane(isUnfiltered: isUnfiltered) }

    package func read(from session: any ConsoleSession) async throws -> ListCount {
        try await session.total(of: selection)
    }
}
