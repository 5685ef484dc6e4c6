internal import CLibpq
import OperatingSystem
import Synchronization

/// One connection to PostgreSQL.
///
/// Every request is one round trip and, outside `begin`, one transaction, which only reads unless it is a `change`. All
/// that it relies on is set inside that transaction, so that a pooler in transaction mode serves as well as the server
/// itself. Cancelling the task cancels a query on the server. All methods throw `PostgresError`.
public actor PostgresConnection {
    private let thread = ConnectionThread()
    private nonisolated let wake = WakeSignal()
    private var handle: ConnectionHandle?
    /// As it was after the last request: whoever asks does not wait for the connection's thread.
    private nonisolated let known = Mutex(Known())

    private struct Known {
        var details: ConnectionDetails?
        var condition = Condition(isReusable: false, server: nil)
    }

    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// How much longer than the server's own limit this side waits.
    private static let grace = Duration.seconds(2)
    /// How long an answer to COMMIT is waited for unless told otherwise.
    public static let commitLimit = Duration.seconds(45)

    private init() {}

    /// Connects, trying the hosts in order, each with all its addresses for `connect_timeout` seconds (10 unless told), and
    /// all of them at most until `end`.
    ///
    /// Where there are several and `target_session_attrs` is not given, a primary is looked for among all of them; if there is
    /// none, it is the first standby.
    public static func open(_ parameters: ConnectionParameters, until end: Deadline? = nil) async throws
        -> PostgresConnection
    {
        try await open(parameters, until: end, last: nil)
    }

    /// The same, beginning where the last server was found.
    static func open(
        _ parameters: ConnectionParameters, until end: Deadline?, last: ServerPlace?
    ) async throws -> PostgresConnection {
        let connection = PostgresConnection()
        try await connection.cancellable { try $0.connect(parameters, until: end, last, $1) }
        return connection
    }

    private func connect(
        _ parameters: ConnectionParameters, until end: Deadline?, _ last: ServerPlace?, _ flag: Flag
    ) throws {
        let attempt = ConnectAttempt(
            parameters: parameters, end: end, interruption: WaitInterruption(wake: wake, flag: flag), last: last)
        let handle = try attempt.run()
        self.handle = handle
        let details = ConnectionDetails(handle, parameters)
        known.withLock { $0.details = details }
        noteCondition()
    }

    /// What was found out on connecting; nil before that.
    public nonisolated var details: ConnectionDetails? { known.withLock { $0.details } }

    /// Whether another request can be sent: connected, and in no transaction.
    public nonisolated var isReusable: Bool { condition.isReusable }

    /// What the pool goes by when it is given back.
    struct Condition {
        let isReusable: Bool
        /// Where it leads, and whether that is a standby; nil where it is lost.
        let server: (place: ServerPlace, isStandby: Bool)?
    }

    nonisolated var condition: Condition { known.withLock { $0.condition } }

    private func noteCondition() {
        let condition = Condition(
            isReusable: handle?.isIdle ?? false, server: handle.map { ($0.target, $0.isStandby) })
        known.withLock { $0.condition = condition }
    }

    /// Sends one statement that only reads, or one of the transaction that was begun, and waits at most `limit`, on the
    /// server and here.
    public nonisolated func query(
        _ statement: Statement, limit: Duration, scans: TableScans = .allowed
    ) async throws -> QueryResult {
        try await cancellable { connection, flag in
            try connection.withHandle(flag) { exchange in
                if exchange.isInTransaction {
                    let settings = TransactionOpening.settings(limit: limit, scans: scans)
                    return try exchange.perform(settings + [statement], limit: limit + Self.grace)[settings.count]
                }
                return try exchange.read(
                    [Exchange.Reading(statement, scans: scans)],
                    opening: TransactionOpening.statements(.reading, limit: limit),
                    limit: limit + Self.grace)[0].get()
            }
        }
    }

    /// Sends several statements that only read at once, in one round trip; each fails alone, and finds nothing of what another left
    /// behind.
    ///
    /// Throws only where the connection is lost or the task cancelled.
    public nonisolated func queries(
        _ statements: [Statement], limit: Duration
    ) async throws -> [Result<QueryResult, PostgresError>] {
        try await queries(statements.map { ($0, .allowed) }, limit: limit)
    }

    /// The same, each with how it may read.
    public nonisolated func queries(
        _ statements: [(statement: Statement, scans: TableScans)], limit: Duration, then next: Continuation? = nil
    ) async throws -> [Result<QueryResult, PostgresError>] {
        try await read(
            statements, opening: TransactionOpening.statements(.reading, limit: limit), limit: limit, then: next)
    }

    /// The same, in the same one round trip, where a condition holds; nil where it does not, and then the server carries out none of
    /// them. The condition is a SELECT of one value; what is not true, or no row, is false.
    ///
    /// With `next`, what is read further depends on all answers so far, in the same transaction, a round trip each time, until that is
    /// nothing. It runs on the connection's thread. Where there was something, the connection is used up, since the transaction's end is
    /// not waited for: it takes no request any more.
    public nonisolated func queries(
        _ statements: [(statement: Statement, scans: TableScans)], onlyIf condition: Statement, limit: Duration,
        then next: Continuation? = nil
    ) async throws -> [Result<QueryResult, PostgresError>]? {
        // An error before the savepoint: nothing can be carried out behind it.
        let guarding: Statement = "SELECT 1 / coalesce((\(condition))::integer, 0)"
        let opening = TransactionOpening.statements(.reading, limit: limit) + [guarding]
        let results = try await read(statements, opening: opening, limit: limit, then: next)
        return results.allSatisfy { $0.failsWith(.divisionByZero) } ? nil : results
    }

    /// What to read after the answers so far.
    public typealias Continuation =
        @Sendable ([Result<QueryResult, PostgresError>]) -> [(statement: Statement, scans: TableScans)]

    private nonisolated func read(
        _ statements: [(statement: Statement, scans: TableScans)], opening: [Statement], limit: Duration,
        then next: Continuation? = nil
    ) async throws -> [Result<QueryResult, PostgresError>] {
        let readings = statements.map { Exchange.Reading($0.statement, scans: $0.scans) }
        let further = next.map { next in
            { @Sendable (results: [Result<QueryResult, PostgresError>]) in
                next(results).map { Exchange.Reading($0.statement, scans: $0.scans) }
            }
        }
        return try await cancellable { connection, flag in
            try connection.withHandle(flag) {
                try $0.read(readings, opening: opening, limit: limit + Self.grace, then: further)
            }
        }
    }

    /// Sends one statement that writes, as a transaction of its own.
    ///
    /// The server stops the statement after `limit`; nothing else does, since a cancellation could meet the commit.
    /// That is waited for until `end`, 45 seconds longer unless told, and then the connection is given up.
    public nonisolated func change(
        _ statement: Statement, limit: Duration, until end: Deadline? = nil
    ) async throws -> Committed {
        let end = end ?? Deadline(in: limit + Self.commitLimit)
        return try await cancellable { connection, flag in
            try connection.withHandle(flag) {
                try $0.change(
                    TransactionOpening.statements(.readCommitted, limit: limit), statement,
                    limit: limit + Self.grace, until: end)
            }
        }
    }

    /// Begins a transaction; until `commit` or `rollback` all requests belong to it.
    public nonisolated func begin(_ kind: TransactionKind, limit: Duration) async throws {
        _ = try await request(TransactionOpening.statements(kind, limit: limit), limit)
    }

    /// Commits; throws `unexpectedResult` where an earlier statement had failed, and the server therefore rolled back,
    /// and `notReplicated` where it is committed, but not known to any standby that should have it.
    public nonisolated func commit() async throws {
        try await cancellable { connection, flag in
            try connection.withHandle(flag) { try $0.commit(limit: Self.commitLimit) }
        }
    }

    /// Rolls back; errors do not matter, since the server does the same when the connection ends.
    public nonisolated func rollback() async {
        _ = try? await request(["ROLLBACK"], .seconds(10))
    }

    /// Runs a script of several statements in the transaction that was begun.
    public nonisolated func run(script: String, limit: Duration) async throws {
        try await cancellable { connection, flag in try connection.script(script, limit, flag) }
    }

    private nonisolated func request(_ statements: [Statement], _ limit: Duration) async throws -> [QueryResult] {
        try await cancellable { connection, flag in try connection.exchange(statements, limit, flag) }
    }

    private nonisolated func cancellable<Value: Sendable>(
        _ body: @Sendable (isolated PostgresConnection, Flag) throws -> Value
    ) async throws -> Value {
        let flag = Flag()
        return try await withTaskCancellationHandler {
            try await body(self, flag)
        } onCancel: {
            flag.set()
            wake.fire()
        }
    }

    private func exchange(_ statements: [Statement], _ limit: Duration, _ flag: Flag) throws
        -> [QueryResult]
    {
        try withHandle(flag) { try $0.perform(statements, limit: limit + Self.grace) }
    }

    private func script(_ sql: String, _ limit: Duration, _ flag: Flag) throws {
        try withHandle(flag) { try $0.performScript(sql, limit: limit) }
    }

    private func withHandle<Value>(_ flag: Flag, _ body: (Exchange) throws -> Value) throws -> Value {
        defer { noteCondition() }
        guard let handle, !handle.isBad, !handle.isUsedUp else {
            throw PostgresError.connectionLost(afterSending: false)
        }
        guard !flag.isSet else { throw PostgresError.cancelled }
        do {
            try handle.checkBeforeSending()
            return try body(Exchange(handle: handle, wake: wake, flag: flag))
        } catch let error as PostgresError {
            switch error {
            case .connectionLost, .commitUnanswered: self.handle = nil
            default: break
            }
            throw error
        }
    }
}
