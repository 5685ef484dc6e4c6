public import ConvonetDatabase
import PostgresClient

/// The way along the log, oldest event first, up to the one that was the newest at the beginning.
///
/// What is written meanwhile is left out. As rows never change, this is one snapshot, and yet no transaction stays open while
/// whoever takes the events is slow.
public struct AuditWalk: Sendable {
    private let log: AuditLog
    private let selection: AuditSelection
    /// The number of the newest event at the beginning.
    public let end: Int
    /// The number of the last event that was handed over.
    public private(set) var position = Int.min
    private var isOver = false

    /// Rows fetched at a time: about a megabyte.
    private static let batch = 2000

    init(log: AuditLog, selection: AuditSelection, end: Int) {
        self.log = log
        self.selection = selection
        self.end = end
    }

    /// The next events, or nil where there are no more.
    public mutating func next() async throws(AdminError) -> [AuditEvent]? {
        guard position < end, !isOver else { return nil }
        let events = try await log.events(
            """
            sequence > \(position) AND sequence <= \(end) AND \(selection.conditions) \
            ORDER BY sequence LIMIT \(Self.batch)
            """, limit: .seconds(60))
        isOver = events.count < Self.batch
        position = events.last?.sequence ?? position
        return events.isEmpty ? nil : events
    }
}
