import Glibc
import OperatingSystem

/// Connections to one database, made when needed, kept while good, replaced when lost.
public actor PostgresPool {
    private let parameters: ConnectionParameters
    private let maximum: Int
    private let kept: Int
    private var idle: [Idle] = []
    private var open = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isTrimDue = false
    /// Where the last server was found.
    private var last: ServerPlace?
    private nonisolated let standby = Flag()

    /// A connection that nobody uses, the one that was used last at the end.
    private struct Idle {
        let connection: PostgresConnection
        let isStandby: Bool
        let forgotten = Deadline(in: PostgresPool.patience)
    }

    /// How long more connections are kept than `kept`.
    private static let patience = Duration.seconds(5)

    /// A pool of at most `maximum` connections; none is made yet. Of those that nobody has used for some seconds only
    /// `kept` stay, all where that is nil.
    public init(_ parameters: ConnectionParameters, maximum: Int = 3, kept: Int? = nil) {
        self.parameters = parameters
        self.maximum = maximum
        self.kept = kept ?? maximum
    }

    /// Whether it was a standby that answered last.
    public nonisolated var isOnStandby: Bool { standby.isSet }

    /// Runs one statement that only reads. If a kept connection turns out to be dead, it is sent once more on a new one.
    public func query(
        _ statement: Statement, limit: Duration = .seconds(30), scans: TableScans = .allowed
    ) async throws -> QueryResult {
        do {
            return try await withConnection { try await $0.query(statement, limit: limit, scans: scans) }
        } catch PostgresError.connectionLost {
            return try await withConnection { try await $0.query(statement, limit: limit, scans: scans) }
        }
    }

    /// Runs several statements that only read, in one round trip; each fails alone.
    public func queries(
        _ statements: [Statement], limit: Duration = .seconds(30)
    ) async throws -> [Result<QueryResult, PostgresError>] {
        do {
            return try await withConnection { try await $0.queries(statements, limit: limit) }
        } catch PostgresError.connectionLost {
            return try await withConnection { try await $0.queries(statements, limit: limit) }
        }
    }

    /// Runs one statement that writes: sent once, and what became of it is the caller's to find out. Where a kept connection
    /// turns out to be dead before it was sent, or leads to a standby, it is sent on a new one.
    ///
    /// `limit` is the statement's; connecting, the statement and its commit together end with `end`, after 45 seconds
    /// unless told.
    /// Where `mayRepeat`, it is one that does no harm twice, and is sent once more like one that only reads.
    public func change(
        _ statement: Statement, limit: Duration = .seconds(30), until end: Deadline? = nil, mayRepeat: Bool = false
    ) async throws -> Committed {
        let end = end ?? Deadline(in: Swift.max(limit, PostgresConnection.commitLimit))
        let send: @Sendable (PostgresConnection) async throws -> Committed = { connection in
            try await connection.change(statement, limit: Swift.min(limit, end.timeLeft), until: end)
        }
        let wasKept = Flag()
        do {
            return try await withConnection(until: end, noting: wasKept, send)
        } catch PostgresError.connectionLost(let afterSending, _) where !afterSending || mayRepeat {
            return try await withConnection(until: end, send)
        } catch PostgresError.server(let refusal) where refusal.isStandby && wasKept.isSet {
            // Since that was connected to, there may be a primary.
            return try await withConnection(until: end, send)
        }
    }

    /// Runs several requests as one transaction: committed when `body` returns, rolled back when it throws. If a kept connection
    /// turns out to be dead before `body` has run, or leads to a standby where it is to write, it begins on a new one.
    public func transaction<Value: Sendable>(
        _ kind: TransactionKind, _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let (hasBegun, wasKept) = (Flag(), Flag())
        do {
            return try await transaction(kind, hasBegun, wasKept, body)
        } catch PostgresError.connectionLost where !hasBegun.isSet {
            return try await transaction(kind, hasBegun, wasKept, body)
        } catch PostgresError.server(let refusal) where refusal.isStandby && !hasBegun.isSet && wasKept.isSet {
            return try await transaction(kind, hasBegun, wasKept, body)
        }
    }

    private func transaction<Value: Sendable>(
        _ kind: TransactionKind, _ hasBegun: Flag, _ wasKept: Flag,
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(until: nil, noting: wasKept) { connection in
            let value: Value
            do {
                try await connection.begin(kind, limit: .seconds(30))
                hasBegun.set()
                value = try await body(connection)
            } catch PostgresError.connectionLost(_, let ending) {
                // Nothing lasts of what was not committed.
                throw PostgresError.connectionLost(afterSending: false, ending: ending)
            } catch {
                await connection.rollback()
                throw error
            }
            // What only reads is rolled back, as each single query is.
            if kind.onlyReads { await connection.rollback() } else { try await connection.commit() }
            return value
        }
    }

    /// Lends a connection for as long as `body` runs; where one has to be made, that takes until `end` at most.
    public func withConnection<Value: Sendable>(
        until end: Deadline? = nil, _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(until: end, noting: Flag(), body)
    }

    /// The same; `wasKept` is set where it is one that was there.
    private func withConnection<Value: Sendable>(
        until end: Deadline?, noting wasKept: Flag, _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await take(until: end, noting: wasKept)
        do {
            let value = try await body(connection)
            giveBack(connection)
            return value
        } catch {
            // What ended one connection, such as the server's restart, has ended the others that were kept.
            switch error {
            case PostgresError.connectionLost, PostgresError.commitUnanswered: close()
            // Those that read may stay where they are, but not where a change would meet them again.
            case PostgresError.server(let refusal) where refusal.isStandby:
                close()
                standby.set()
                giveBack(connection, mayKeep: false)
                throw error
            default: break
            }
            giveBack(connection)
            throw error
        }
    }

    /// Makes a connection for `body` alone, beside those of the pool, and ends it afterwards: for settings of a session.
    public nonisolated func withOwnConnection<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await body(PostgresConnection.open(parameters))
    }

    /// Ends the connections that nobody uses.
    public func close() {
        open -= idle.count
        idle = []
        for waiter in waiting { waiter.resume() }
        waiting = []
    }

    private func take(until end: Deadline?, noting wasKept: Flag) async throws -> PostgresConnection {
        while idle.isEmpty, open >= maximum {
            await withCheckedContinuation { waiting.append($0) }
        }
        if let last = idle.popLast() {
            wasKept.set()
            return last.connection
        }
        open += 1
        do {
            let connection = try await PostgresConnection.open(parameters, until: end, last: last)
            note(connection.condition)
            return connection
        } catch {
            open -= 1
            wakeOne()
            throw error
        }
    }

    private func giveBack(_ connection: PostgresConnection, mayKeep: Bool = true) {
        let condition = connection.condition
        let isStandby = condition.server?.isStandby == true
        // One that leads to a standby is not kept where another has found the primary since.
        if mayKeep, condition.isReusable, !isStandby || isOnStandby {
            if !isStandby { note(condition) }
            idle.append(Idle(connection: connection, isStandby: isStandby))
            trimLater()
        } else {
            open -= 1
        }
        wakeOne()
    }

    /// Looks after the idle connections once their time is over: on a thread of its own, since a sleeping task would wake
    /// the system's pool of threads every second.
    private func trimLater() {
        guard idle.count > kept, !isTrimDue else { return }
        isTrimDue = true
        let wait = UInt32(clamping: Self.patience.milliseconds + 100) * 1000
        detachThread { [weak self] in
            usleep(wait)
            Task(executorPreference: WorkerThreads.shared) { await self?.trim() }
        }
    }

    private func trim() {
        isTrimDue = false
        let extra = idle.prefix(max(0, idle.count - kept)).prefix { $0.forgotten.remaining == 0 }.count
        idle.removeFirst(extra)
        open -= extra
        for _ in 0..<extra { wakeOne() }
        trimLater()
    }

    private func wakeOne() {
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }

    /// Takes what is known of a server that answered: where it is, and whether it takes changes.
    private func note(_ condition: PostgresConnection.Condition) {
        guard let server = condition.server else { return }
        last = server.place
        if server.isStandby { return standby.set() }
        standby.clear()
        let left = idle.filter { !$0.isStandby }
        open -= idle.count - left.count
        idle = left
    }
}

extension PostgresPool {
    /// Whether there is a server that takes changes; where it was a standby that answered last, one is looked for at all places.
    ///
    /// What asks next is sent there. Throws where nobody answers.
    public func findPrimary() async throws -> Bool {
        guard isOnStandby else { return true }
        guard parameters.mayFindPrimary else { return false }
        note(try await PostgresConnection.open(parameters, until: nil, last: last).condition)
        return !isOnStandby
    }
}
