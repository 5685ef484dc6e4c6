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

    /// What `verify` found.
    public struct Verification: Equatable, Sendable {
        /// How many events there are up to the head or the problem.
        public var events: Int
        /// The hash that the head holds.
        public var head: [UInt8]
        /// The first thing that is wrong; nil where the log holds together.
        public var problem: AuditProblem?
    }

    /// The newest events before `sequence` (the very newest for nil), newest first, perhaps of one account only.
    public func newest(before sequence: Int? = nil, account: UUID? = nil, limit: Int) async throws -> [AuditEvent] {
        let position: Statement = sequence.map { "sequence < \($0)" } ?? "true"
        let target: Statement = account.map { " AND account_id = \($0)" } ?? ""
        return try await database.query(
            """
            SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event \
            WHERE \(position)\(target) ORDER BY sequence DESC LIMIT \(limit)
            """, for: .readLog
        ).map { try AuditEvent($0) }
    }

    /// One event, or nil.
    public func event(_ reference: Reference) async throws -> AuditEvent? {
        let condition: Statement =
            switch reference {
            case .sequence(let number): "sequence = \(number)"
            case .id(let id): "event_id = \(id)"
            }
        return try await database.query(
            "SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event WHERE \(condition)", for: .readLog
        ).first.map { try AuditEvent($0) }
    }

    /// Recomputes every hash outside the database, in one snapshot of log and head.
    public func verify(progress: @Sendable (Int) -> Void = { _ in }) async throws -> Verification {
        var verifier = AuditChainVerifier()
        var head: (sequence: Int, hash: [UInt8]) = (0, [])
        (verifier, head) = try await database.transaction(.snapshot, for: .readLog) { connection in
            var verifier = AuditChainVerifier()
            try await Self.walk(connection) { event in
                verifier.take(event)
            } batchDone: {
                progress(verifier.count)
                return verifier.problem == nil
            }
            let rows = try await connection.query(
                "SELECT sequence, hash FROM convonet_admin.audit_head", limit: .seconds(30))
            guard let row = rows.first else { throw PostgresError.unexpectedResult("the log has no head") }
            return (verifier, (try row.int(0), try row.bytes(1)))
        }
        verifier.finish(headSequence: head.sequence, headHash: head.hash)
        return Verification(events: verifier.count, head: head.hash, problem: verifier.problem)
    }

    /// Hands over every event in order, in one snapshot.
    public func forEach(_ body: @escaping @Sendable (AuditEvent) -> Void) async throws {
        try await database.transaction(.snapshot, for: .readLog) { connection in
            try await Self.walk(connection, body) { true }
        }
    }

    private static func walk(
        _ connection: PostgresConnection, _ body: (AuditEvent) -> Void, batchDone: () -> Bool
    ) async throws {
        var last = Int.min
        while true {
            let rows = try await connection.query(
                """
                SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event \
                WHERE sequence > \(last) ORDER BY sequence LIMIT 5000
                """, limit: .seconds(60))
            for row in rows {
                let event = try AuditEvent(row)
                last = event.sequence
                body(event)
            }
            guard batchDone(), !rows.isEmpty else { return }
        }
    }
}
