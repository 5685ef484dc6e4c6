public import FoundationEssentials
import PostgresClient

/// Reads the audit log; only auditors, and where there are no roles everybody, may.
///
/// All methods throw `AdminError`.
public struct AuditLog: Sendable {
    let database: Database

    /// Which event to show.
    public enum Reference: Equatable, Sendable {
        /// By its place in the log, the receipt number.
        case sequence(Int)
        /// By its own id.
        case id(UUID)
    }

    /// Rows fetched at a time by what walks along the log: about a megabyte.
    private static let batch = 2000

    /// The newest events before `sequence` (the very newest for nil), newest first.
    public func newest(
        before sequence: Int? = nil, matching selection: AuditSelection = AuditSelection(), limit: Int
    ) async throws -> [AuditEvent] {
        let position: Statement = sequence.map { "sequence < \($0)" } ?? "true"
        return try await query(
            """
            SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event \
            WHERE \(position) AND \(selection.conditions) ORDER BY sequence DESC LIMIT \(limit)
            """
        ).map { try AuditEvent($0) }
    }

    /// The oldest events behind `sequence` (the very oldest for nil), oldest first.
    public func oldest(
        after sequence: Int? = nil, matching selection: AuditSelection = AuditSelection(), limit: Int
    ) async throws -> [AuditEvent] {
        let position: Statement = sequence.map { "sequence > \($0)" } ?? "true"
        return try await query(
            """
            SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event \
            WHERE \(position) AND \(selection.conditions) ORDER BY sequence LIMIT \(limit)
            """
        ).map { try AuditEvent($0) }
    }

    /// How many events are selected, counted up to `most`; as the log has no gaps, all of them are as many as its head says.
    public func count(matching selection: AuditSelection = AuditSelection(), most: Int) async throws -> Int {
        if selection.isEverything { return try await head().sequence }
        let rows = try await query(
            """
            SELECT count(*) FROM (SELECT FROM convonet_admin.audit_event \
            WHERE \(selection.conditions) LIMIT \(most)) AS found
            """)
        return try rows.first?.int(0) ?? 0
    }

    /// One event, or nil.
    public func event(_ reference: Reference) async throws -> AuditEvent? {
        let condition: Statement =
            switch reference {
            case .sequence(let number): "sequence = \(number)"
            case .id(let id): "event_id = \(id)"
            }
        return try await query(
            "SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event WHERE \(condition)"
        ).first.map { try AuditEvent($0) }
    }

    /// The number and hash of the last event; 0 and zeros for an empty log.
    public func head() async throws -> (sequence: Int, hash: [UInt8]) {
        try await Self.head(query("SELECT sequence, hash FROM convonet_admin.audit_head"))
    }

    /// Hands over the selected events in order, up to the head as it is now, and returns that head's number.
    ///
    /// What is written meanwhile is left out. As rows never change, this is one snapshot, and yet no transaction stays
    /// open while a slow reader holds `body` up. `body` also gets the number of the event and is called for each.
    @discardableResult
    public func forEach(
        matching selection: AuditSelection = AuditSelection(),
        progress: (_ sequence: Int, _ of: Int) -> Void = { _, _ in },
        _ body: (AuditEvent) throws -> Void
    ) async throws -> Int {
        let end = try await head().sequence
        var last = Int.min
        while last < end {
            let rows = try await query(
                """
                SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event \
                WHERE sequence > \(last) AND sequence <= \(end) AND \(selection.conditions) \
                ORDER BY sequence LIMIT \(Self.batch)
                """, limit: .seconds(60))
            for row in rows {
                let event = try AuditEvent(row)
                last = event.sequence
                try body(event)
            }
            if rows.count < Self.batch { break }
            progress(last, end)
        }
        return end
    }

    /// What a statement gives, and whether it may be believed, in one round trip.
    private func query(_ statement: Statement, limit: Duration = .seconds(30)) async throws -> QueryResult {
        let answers = try await database.queries([Self.hidden, statement], limit: limit, for: .readLog)
        return try await database.translating(.readLog) {
            try Self.throwIfHidden(answers[0].get())
            return try answers[1].get()
        }
    }

    static func head(_ rows: QueryResult) throws -> (sequence: Int, hash: [UInt8]) {
        guard let row = rows.first else { throw AdminError.database(.unexpectedResult("the log has no head")) }
        return (try row.int(0), try row.bytes(1))
    }
}
