public import ConvonetDatabase
public import FoundationEssentials
package import PostgresClient

/// Reads the audit log; only auditors, and where there are no roles everybody, may.
public struct AuditLog: Sendable {
    /// How one statement is answered, with whether its answer may be believed looked at first.
    package typealias Reading = @Sendable (Statement, Duration) async throws(AdminError) -> QueryResult

    package let database: Database
    /// For who may read the log in another way than by a right of their own; not to verify it.
    private let reading: Reading?

    package init(database: Database, reading: Reading? = nil) {
        self.database = database
        self.reading = reading
    }

    /// Which event to show.
    public enum Reference: Equatable, Sendable {
        /// By its place in the log, the receipt number.
        case sequence(Int)
        /// By its own id.
        case id(UUID)
    }

    /// The newest events before `sequence` (the very newest for nil), newest first.
    public func newest(
        before sequence: Int? = nil, matching selection: AuditSelection = AuditSelection(), limit: Int
    ) async throws(AdminError) -> [AuditEvent] {
        let position: Statement = sequence.map { "sequence < \($0)" } ?? "true"
        return try await events("\(position) AND \(selection.conditions) ORDER BY sequence DESC LIMIT \(limit)")
    }

    /// The oldest events behind `sequence` (the very oldest for nil), oldest first.
    public func oldest(
        after sequence: Int? = nil, matching selection: AuditSelection = AuditSelection(), limit: Int
    ) async throws(AdminError) -> [AuditEvent] {
        let position: Statement = sequence.map { "sequence > \($0)" } ?? "true"
        return try await events("\(position) AND \(selection.conditions) ORDER BY sequence LIMIT \(limit)")
    }

    /// How many events are selected, counted up to `most`; as the log has no gaps, all of them are as many as its head says.
    public func count(matching selection: AuditSelection = AuditSelection(), most: Int) async throws(AdminError) -> Int
    {
        try await database.translating(.readLog) {
            if selection.isEverything { return try await head().sequence }
            let rows = try await query(
                """
                SELECT count(*) FROM (SELECT FROM convonet_admin.audit_event \
                WHERE \(selection.conditions) LIMIT \(most)) AS found
                """)
            return try rows.first?.int(0) ?? 0
        }
    }

    /// One event, or nil.
    public func event(_ reference: Reference) async throws(AdminError) -> AuditEvent? {
        let condition: Statement =
            switch reference {
            case .sequence(let number): "sequence = \(number)"
            case .id(let id): "event_id = \(id)"
            }
        return try await events(condition).first
    }

    /// The events of a condition, with their order and their number if that is not one.
    func events(_ condition: Statement, limit: Duration = .seconds(30)) async throws(AdminError) -> [AuditEvent] {
        try await database.translating(.readLog) {
            try await query(
                "SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event WHERE \(condition)", limit: limit
            ).map { try AuditEvent($0) }
        }
    }

    /// The number and hash of the last event; 0 and zeros for an empty log.
    public func head() async throws(AdminError) -> (sequence: Int, hash: [UInt8]) {
        try await database.translating(.readLog) {
            try await Self.head(query("SELECT sequence, hash FROM convonet_admin.audit_head"))
        }
    }

    /// The selected events in order, up to the newest that there is now, whatever the head says.
    public func walk(matching selection: AuditSelection = AuditSelection()) async throws(AdminError) -> AuditWalk {
        let end = try await database.translating(.readLog) {
            try await query("SELECT coalesce(max(sequence), 0) FROM convonet_admin.audit_event").first?.int(0)
        }
        return AuditWalk(log: self, selection: selection, end: end ?? 0)
    }

    /// What a statement gives, and whether it may be believed, in one round trip.
    func query(_ statement: Statement, limit: Duration = .seconds(30)) async throws(AdminError) -> QueryResult {
        if let reading { return try await reading(statement, limit) }
        let answers = try await database.queries([Self.hidden, statement], limit: limit, for: .readLog)
        return try await database.translating(.readLog) {
            try Self.throwIfHidden(answers[0].get())
            return try answers[1].get()
        }
    }

    package static func head(_ rows: QueryResult) throws -> (sequence: Int, hash: [UInt8]) {
        guard let row = rows.first else { throw AdminError.database(.unexpectedResult("the log has no head")) }
        return (try row.int(0), try row.bytes(1))
    }

    /// Throws `AdminError.rowsHidden` where row-level security keeps events from this database user: what is then read looks
    /// like a log that was cut off, or like an empty one.
    package static func requireAll(_ connection: PostgresConnection) async throws {
        try throwIfHidden(try await connection.query(hidden, limit: .seconds(30)))
    }

    static func throwIfHidden(_ rows: QueryResult) throws {
        if let row = rows.first { throw AdminError.rowsHidden(table: try row.text(0)) }
    }

    /// Which table of the log is not shown whole.
    private static let hidden: Statement = """
        SELECT 'convonet_admin.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'convonet_admin' AND c.relname IN ('audit_event', 'audit_head') AND row_security_active(c.oid) \
        ORDER BY 1 LIMIT 1
        """
}
