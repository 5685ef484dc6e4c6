public import ConvonetCore
public import ConvonetDatabase
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

extension AuditLog {
    /// Where a verification begins.
    public enum Start: Equatable, Sendable {
        /// With the first event.
        case beginning
        /// With this event, and its link to the one before.
        case sequence(Int)
        /// With the first event of this moment or later, and its link to the one before.
        case time(Timestamp)
    }

    /// What the log is held against, beyond itself.
    public struct Evidence: Equatable, Sendable {
        /// Heads that were kept elsewhere.
        public var anchors: [AuditAnchor]
        /// Requests of which somebody said that they were about to be sent.
        public var intents: Set<UUID>

        /// Evidence; none unless told.
        public init(anchors: [AuditAnchor] = [], intents: Set<UUID> = []) {
            self.anchors = anchors
            self.intents = intents
        }
    }

    /// What `verify` found.
    public struct Verification: Equatable, Sendable {
        /// The number of the first event that was checked.
        public var first: Int
        /// How many events were checked, up to the head or the problem.
        public var events: Int
        /// The number that the head holds.
        public var headSequence: Int
        /// The hash that the head holds.
        public var head: [UInt8]
        /// The server's time.
        public var time: Timestamp
        /// The first thing that is wrong; nil where the log holds together.
        public var problem: AuditProblem?
        /// What was kept elsewhere and the log does not hold, in the order of the log, as far as it holds together.
        public var missing: [AuditAnchor] = []
        /// Whether the events hold together up to the head, whatever was kept elsewhere.
        public var isWholeByItself = true
        /// Anchors that lie before the first event and were not looked at.
        public var anchorsPassedOver: Int
        /// Intents of which the log has no event; only where everything was checked.
        public var openIntents: Set<UUID>

        /// Whether a failover to a standby that lacked the last events could have left this: the log holds together, and
        /// only what was kept elsewhere says that there was more.
        public var couldBeFailOver: Bool { problem?.accuser != nil && isWholeByItself }
    }

    /// Recomputes every hash outside the database, in one snapshot of log and head.
    ///
    /// `progress` hears of the event reached and the head's number now and then. Memory does not grow with the log.
    /// Throws `AdminError.eventUnknown` where the start lies behind the head.
    public func verify(
        from start: Start = .beginning, against evidence: Evidence = Evidence(),
        progress: @Sendable (_ sequence: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws(AdminError) -> Verification {
        try await database.transaction(.snapshot, for: .readLog) { connection in
            try await Self.requireAll(connection)
            let now = try await connection.query("SELECT clock_timestamp()", limit: .seconds(30)).first
            let time = try now?.timestamp(0) ?? .now
            let head: AuditHead
            switch try AuditHead.read(try await connection.query(AuditHead.statement, limit: .seconds(30))) {
            case .failure(let problem): return Verification(brokenAtOnce: problem, time: time)
            case .success(let read): head = read
            }
            let first = try await Self.first(start, head: head.sequence, connection)
            var verifier = AuditChainVerifier(from: first, anchors: evidence.anchors)
            var open = evidence.intents
            var batch = try await Self.events(after: first == 1 ? Int.min : first - 1, connection)
            var hashing: Task<[HashedEvent], any Error>?
            // The server reads a batch while the two before are hashed, each on a thread of its own.
            while let end = batch.last, !verifier.isBroken {
                let (rows, last) = (batch, try end.int(1))
                async let next = Self.events(after: last, connection)
                let before = hashing
                hashing = Task(executorPreference: WorkerThreads.shared) {
                    try HashedEvent.all(of: rows)
                }
                Self.walk(try await before?.value ?? [], &verifier, &open)
                batch = try await next
                progress(verifier.position, head.sequence)
            }
            Self.walk(try await hashing?.value ?? [], &verifier, &open)
            progress(verifier.position, head.sequence)
            verifier.finish(headSequence: head.sequence, headHash: head.hash)
            return Verification(
                first: first, events: verifier.count, headSequence: head.sequence, head: head.hash,
                time: time, problem: verifier.problem, missing: verifier.missing,
                isWholeByItself: !verifier.isBroken,
                anchorsPassedOver: evidence.anchors.count { $0.sequence < first && first > 1 },
                openIntents: first == 1 && verifier.problem == nil ? open : [])
        }
    }

    private static func walk(
        _ events: [HashedEvent], _ verifier: inout AuditChainVerifier, _ open: inout Set<UUID>
    ) {
        for hashed in events {
            verifier.take(hashed)
            if !open.isEmpty, let request = hashed.event.requestID { open.remove(request) }
        }
    }

    /// The rows of the next events, oldest first.
    static func events(
        after sequence: Int, limit: Int = 2000, _ connection: PostgresConnection
    ) async throws -> QueryResult {
        try await connection.query(
            """
            SELECT \(AuditEvent.columns) FROM convonet_admin.audit_event \
            WHERE sequence > \(sequence) ORDER BY sequence LIMIT \(limit)
            """, limit: .seconds(60))
    }

    /// The event before the one where it begins, if any: its fields are checked too, so that the link says something.
    private static func first(_ start: Start, head: Int, _ connection: PostgresConnection) async throws -> Int {
        let wanted: Int
        switch start {
        case .beginning: return 1
        case .sequence(let number): wanted = number
        case .time(let time):
            let rows = try await connection.query(
                "SELECT min(sequence) FROM convonet_admin.audit_event WHERE occurred_at >= \(time)",
                limit: .seconds(60))
            guard let row = rows.first, let number = try row.optional(0, row.int) else {
                throw AdminError.eventUnknown(nil)
            }
            wanted = number
        }
        guard wanted <= head else { throw AdminError.eventUnknown(wanted) }
        return max(1, wanted - 1)
    }
}
