internal import CLibpq

/// One connection to PostgreSQL.
///
/// Every request is one round trip and, outside `begin`, one transaction. Its time limits and search_path are set
/// inside that transaction, so that a pooler in transaction mode serves as well as the server itself. Cancelling the
/// task cancels the query on the server. All methods throw `PostgresError`.
public actor PostgresConnection {
    private let thread = ConnectionThread()
    private nonisolated let wake = WakeSignal()
    private var handle: ConnectionHandle?
    private var details: ConnectionDetails?

    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init() {}

    /// Connects, trying the hosts in order, each for `connect_timeout` seconds (10 unless told).
    public static func open(_ parameters: ConnectionParameters) async throws -> PostgresConnection {
        let connection = PostgresConnection()
        try await connection.connect(parameters)
        return connection
    }

    private func connect(_ parameters: ConnectionParameters) throws {
        var failure: (any Error)?
        for candidate in parameters.candidates {
            do {
                let handle = try ConnectionHandle(starting: candidate)
                try handle.finishConnecting(until: Deadline(in: .seconds(parameters.connectTimeout)))
                self.handle = handle
                details = ConnectionDetails(handle.connection, parameters)
                return
            } catch {
                failure = error
            }
        }
        throw failure ?? PostgresError.connectionLost(afterSending: false)
    }

    /// What was found out on connecting; nil after the connection was given up.
    public func connectionDetails() -> ConnectionDetails? { details }

    /// Whether another request can be sent: connected, and in no transaction.
    public func isReusable() -> Bool { handle?.isIdle ?? false }

    /// The notices received since the last call, at most 100.
    public func takeNotices() -> [Notice] { handle?.takeNotices() ?? [] }

    /// Sends one statement and waits at most `limit`, on the server and here.
    public nonisolated func query(
        _ statement: Statement, limit: Duration, scans: TableScans = .allowed
    ) async throws -> QueryResult {
        let results = try await request([Self.settings(limit, scans), statement], limit)
        guard let last = results.last else { throw PostgresError.unexpectedResult("no result") }
        return last
    }

    /// Sends several statements at once, in one round trip; each is a transaction of its own, and fails alone.
    ///
    /// Throws only where the connection is lost or the task cancelled.
    public nonisolated func queries(
        _ statements: [Statement], limit: Duration
    ) async throws -> [Result<QueryResult, PostgresError>] {
        try await cancellable { connection, flag in
            try connection.withHandle(flag) {
                try $0.performEach(statements.map { [Self.settings(limit), $0] }, limit: limit + .seconds(2))
            }
        }
    }

    /// Begins a transaction; until `commit` or `rollback` all requests belong to it.
    public nonisolated func begin(_ kind: TransactionKind, limit: Duration) async throws {
        _ = try await request([Statement(trusted: kind.sql), Self.settings(limit)], limit)
    }

    /// Commits; throws `unexpectedResult` where an earlier statement had failed, and the server therefore rolled back.
    public nonisolated func commit() async throws {
        let results = try await request(["COMMIT"], .seconds(30))
        guard results.last?.commandTag == "COMMIT" else {
            throw PostgresError.unexpectedResult("the transaction was rolled back")
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
        _ body: @Sendable (isolated PostgresConnection, CancellationFlag) throws -> Value
    ) async throws -> Value {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await body(self, flag)
        } onCancel: {
            flag.set()
            wake.fire()
        }
    }

    private func exchange(_ statements: [Statement], _ limit: Duration, _ flag: CancellationFlag) throws
        -> [QueryResult]
    {
        try withHandle(flag) { try $0.perform(statements, limit: limit + .seconds(2)) }
    }

    private func script(_ sql: String, _ limit: Duration, _ flag: CancellationFlag) throws {
        try withHandle(flag) { try $0.performScript(sql, limit: limit) }
    }

    private func withHandle<Value>(_ flag: CancellationFlag, _ body: (Exchange) throws -> Value) throws -> Value {
        guard let handle, !handle.isBad else { throw PostgresError.connectionLost(afterSending: false) }
        guard !flag.isCancelled else { throw PostgresError.cancelled }
        do {
            return try body(Exchange(handle: handle, wake: wake, flag: flag))
        } catch let error as PostgresError {
            if case .connectionLost = error { self.handle = nil }
            throw error
        }
    }

    /// Settings of the request's own transaction. The server's limit is the request's; this side waits a little longer.
    ///
    /// Nothing here is worth compiling, and what is estimated to be slow, such as a table scan that is ruled out, would be.
    private static func settings(_ limit: Duration, _ scans: TableScans = .allowed) -> Statement {
        let milliseconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        return """
            SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), \
            pg_catalog.set_config('statement_timeout', \(String(milliseconds)), true), \
            pg_catalog.set_config('jit', 'off', true), \
            pg_catalog.set_config('enable_seqscan', \(scans.rawValue), true), \
            pg_catalog.set_config('idle_in_transaction_session_timeout', '60000', true)
            """
    }
}

/// Whether a statement's plan may read whole tables where an index would do.
public enum TableScans: String, Sendable {
    /// As the server's planner likes.
    case allowed = "on"
    /// Only where there is no other way.
    case lastResort = "off"
}

/// How a transaction of several requests sees the database.
public enum TransactionKind: Sendable {
    /// Reads and writes, each statement seeing what was committed before it.
    case readCommitted
    /// Reads only, all statements seeing the same snapshot.
    case snapshot

    var sql: String {
        switch self {
        case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        }
    }
}

/// What was found out on connecting.
public struct ConnectionDetails: Equatable, Sendable {
    /// Such as 150018 for 15.18.
    public var serverVersion: Int
    /// The database connected to.
    public var database: String
    /// The user that the server let in.
    public var user: String
    /// The host's name, or the directory of a socket.
    public var host: String
    /// Whether it is reached over a network.
    public var isRemote: Bool
    /// Whether TLS is in use.
    public var isEncrypted: Bool
    /// Whether the server's certificate was checked against a trusted one and its name.
    public var isServerVerified: Bool
    /// The process that serves us, as it was announced on connecting; a pooler announces another than the server's.
    public var backendPID: Int
    /// Whether the user is a superuser, as the server announces it.
    public var isSuperuser: Bool

    init(_ connection: OpaquePointer, _ parameters: ConnectionParameters) {
        serverVersion = Int(PQserverVersion(connection))
        database = PQdb(connection).map { String(cString: $0) } ?? ""
        user = PQuser(connection).map { String(cString: $0) } ?? ""
        host = PQhost(connection).map { String(cString: $0) } ?? ""
        isRemote = parameters.isRemote
        isEncrypted = PQsslInUse(connection) == 1
        isServerVerified = isEncrypted && parameters.sslMode == "verify-full"
        backendPID = Int(PQbackendPID(connection))
        isSuperuser = PQparameterStatus(connection, "is_superuser").map { String(cString: $0) == "on" } ?? false
    }
}
