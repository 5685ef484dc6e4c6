public import ConvonetCore
public import ConvonetDatabase
import PostgresClient

/// Reads the log as it grows, and verifies each event before it gives it away.
public struct AuditFollower: Sendable {
    private let log: AuditLog
    private var verifier: AuditChainVerifier
    /// The last event that was given away: where a next run goes on. Event 0 where there was none.
    public private(set) var reached: AuditAnchor

    /// A follower of what comes after a head that was reached before; of everything where that is nil.
    public init(_ log: AuditLog, after anchor: AuditAnchor? = nil) {
        self.log = log
        reached = anchor ?? AuditAnchor(sequence: 0, hash: .zero, origin: .checkpoint)
        // The event that was reached is read again, to be held against the hash that was kept.
        verifier = AuditChainVerifier(from: max(1, reached.sequence), anchors: anchor.map { [$0] } ?? [])
    }

    /// What is new.
    public struct Step: Sendable {
        /// At most as many events as were asked for, in order, each of which follows from the one before.
        public var events: [AuditEvent] = []
        /// What is wrong behind them; nil where the log holds together so far.
        public var problem: AuditProblem?
        /// Whether the log's end was reached.
        public var isAtEnd = false
    }

    /// The next events. Once there was a problem, there are no others.
    public mutating func next(limit: Int = 1000) async throws(AdminError) -> Step {
        let position = verifier.position == 0 ? Int.min : verifier.position
        let (rows, found) = try await log.database.transaction(.snapshot, for: .readLog) { connection in
            try await AuditLog.requireAll(connection)
            let rows = try await AuditLog.events(after: position, limit: limit, connection)
            return (rows, try AuditHead.read(try await connection.query(AuditHead.statement, limit: .seconds(30))))
        }
        // Before anything is given away: what lies behind the head was not written by the functions.
        let head: AuditHead
        switch found {
        case .failure(let problem): return Step(problem: problem)
        case .success(let read): head = read
        }
        if let problem = head.problem(for: reached) { return Step(problem: problem) }
        let events = try await log.database.translating(.readLog) { try HashedEvent.all(of: rows) }
        var step = Step()
        for hashed in events {
            verifier.take(hashed)
            guard verifier.problem == nil, let hash = AuditHash(hashed.event.hash) else { break }
            if hashed.event.sequence > reached.sequence {
                step.events.append(hashed.event)
                reached = AuditAnchor(sequence: hashed.event.sequence, hash: hash, origin: .checkpoint)
            }
        }
        step.problem = verifier.problem
        guard step.problem == nil, events.count < limit else { return step }
        var end = verifier
        end.finish(headSequence: head.sequence, headHash: head.hash)
        step.problem = end.problem
        step.isAtEnd = true
        return step
    }
}
