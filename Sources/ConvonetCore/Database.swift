import PostgresClient

/// The way of every request to PostgreSQL: it turns what the server refuses into what that means here.
struct Database: Sendable {
    let pool: PostgresPool

    func query(
        _ statement: Statement, limit: Duration = .seconds(30), scans: TableScans = .allowed,
        for operation: AdminError.Operation
    ) async throws -> QueryResult {
        try await translating(operation) { try await pool.query(statement, limit: limit, scans: scans) }
    }

    /// Several statements that only read, in one round trip; each fails alone.
    func queries(
        _ statements: [Statement], limit: Duration = .seconds(30), for operation: AdminError.Operation
    ) async throws -> [Result<QueryResult, PostgresError>] {
        try await translating(operation) { try await pool.queries(statements, limit: limit) }
    }

    /// For a statement that writes: sent once, unlike a query, unless it `mayRepeat`.
    func change(
        _ statement: Statement, limit: Duration = .seconds(30), until end: Deadline? = nil, mayRepeat: Bool = false,
        for operation: AdminError.Operation
    ) async throws -> Committed {
        try await translating(operation) {
            try await pool.change(statement, limit: limit, until: end, mayRepeat: mayRepeat)
        }
    }

    func transaction<Value: Sendable>(
        _ kind: TransactionKind, for operation: AdminError.Operation,
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await translating(operation) { try await pool.transaction(kind, body) }
    }

    func translating<Value>(_ operation: AdminError.Operation, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw AdminError(error, during: operation)
        }
    }
}

extension AdminError {
    init(_ error: PostgresError, during operation: Operation) {
        guard case .server(let refusal) = error else {
            self = .database(error)
            return
        }
        switch refusal.sqlState {
        case .insufficientPrivilege: self = .notPermitted(operation)
        case .invalidSchemaName, .undefinedTable, .undefinedFunction: self = .schemaMissing
        default: self = .database(error)
        }
    }
}
