/// Connections to one database, made when needed, kept while good, replaced when lost.
public actor PostgresPool {
    private let parameters: ConnectionParameters
    private let maximum: Int
    private var idle: [PostgresConnection] = []
    private var open = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// A pool of at most `maximum` connections; none is made yet.
    public init(_ parameters: ConnectionParameters, maximum: Int = 3) {
        self.parameters = parameters
        self.maximum = maximum
    }

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

    /// Runs one statement that writes: sent once, and what became of it is the caller's to find out.
    ///
    /// Where `mayRepeat`, it is one that does no harm twice, and is sent once more like one that only reads.
    public func change(
        _ statement: Statement, limit: Duration = .seconds(30),
        commitLimit: Duration = PostgresConnection.commitLimit, mayRepeat: Bool = false
    ) async throws -> Committed {
        do {
            return try await withConnection {
                try await $0.change(statement, limit: limit, commitLimit: commitLimit)
            }
        } catch PostgresError.connectionLost where mayRepeat {
            return try await withConnection {
                try await $0.change(statement, limit: limit, commitLimit: commitLimit)
            }
        }
    }

    /// Runs several requests as one transaction: committed when `body` returns, rolled back when it throws.
    public func transaction<Value: Sendable>(
        _ kind: TransactionKind, _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await connection.begin(kind, limit: .seconds(30))
            do {
                let value = try await body(connection)
                try await connection.commit()
                return value
            } catch PostgresError.notReplicated {
                throw PostgresError.notReplicated
            } catch {
                await connection.rollback()
                throw error
            }
        }
    }

    /// Lends a connection for as long as `body` runs.
    public func withConnection<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await take()
        do {
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            // What ended one connection, such as the server's restart, has ended the others that were kept.
            if case PostgresError.connectionLost = error { close() }
            await giveBack(connection)
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

    private func take() async throws -> PostgresConnection {
        while idle.isEmpty, open >= maximum {
            await withCheckedContinuation { waiting.append($0) }
        }
        if let connection = idle.popLast() { return connection }
        open += 1
        do {
            return try await PostgresConnection.open(parameters)
        } catch {
            open -= 1
            wakeOne()
            throw error
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        if await connection.isReusable() {
            idle.append(connection)
        } else {
            open -= 1
        }
        wakeOne()
    }

    private func wakeOne() {
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
}
