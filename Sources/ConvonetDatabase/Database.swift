import Credentials
package import PostgresClient

/// The way of every request to PostgreSQL: it turns what the server refuses into what that means here.
package struct Database: Sendable {
    /// The connections.
    package let pool: PostgresPool

    /// The way to one database.
    package init(pool: PostgresPool) { self.pool = pool }

    /// Rows, each read by `read`.
    package func rows<Value>(
        _ statement: Statement, limit: Duration = .seconds(30), scans: TableScans = .allowed,
        for operation: AdminError.Operation, _ read: (Row) throws -> Value
    ) async throws(AdminError) -> [Value] {
        try await translating(operation) {
            try await pool.query(statement, limit: limit, scans: scans).map { try read($0) }
        }
    }

    package func query(
        _ statement: Statement, limit: Duration = .seconds(30), scans: TableScans = .allowed,
        for operation: AdminError.Operation
    ) async throws(AdminError) -> QueryResult {
        try await translating(operation) { try await pool.query(statement, limit: limit, scans: scans) }
    }

    /// Several statements that only read, in one round trip; each fails alone.
    package func queries(
        _ statements: [Statement], limit: Duration = .seconds(30), for operation: AdminError.Operation
    ) async throws(AdminError) -> [Result<QueryResult, PostgresError>] {
        try await translating(operation) { try await pool.queries(statements, limit: limit) }
    }

    /// For a statement that writes: sent once, unlike a query, unless it `mayRepeat`.
    package func change(
        _ statement: Statement, limit: Duration = .seconds(30), until end: Deadline? = nil, mayRepeat: Bool = false,
        for operation: AdminError.Operation
    ) async throws(AdminError) -> Committed {
        try await translating(operation) {
            try await pool.change(statement, limit: limit, until: end, mayRepeat: mayRepeat)
        }
    }

    package func transaction<Value: Sendable>(
        _ kind: TransactionKind, for operation: AdminError.Operation,
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws(AdminError) -> Value {
        try await translating(operation) { try await pool.transaction(kind, body) }
    }

    /// Does something with the database, and makes of every error what it means here.
    package func translating<Value>(
        _ operation: AdminError.Operation, _ body: () async throws -> Value
    ) async throws(AdminError) -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw await explained(AdminError(error, during: operation), error)
        } catch {
            throw AdminError(of: error, during: operation)
        }
    }

    /// What is behind a table or column that is not there: a view that was taken away, or a column of the application's.
    package func explained(_ error: AdminError, _ cause: PostgresError) async -> AdminError {
        guard case .server(let refusal) = cause,
            [.undefinedTable, .undefinedColumn, .undefinedFunction].contains(refusal.sqlState),
            let rows = try? await pool.transaction(
                .reading, { try await SchemaTrust.rows(of: Self.loss, in: ["installation"], $0) }),
            let row = rows.first, let loss = try? Self.loss(row)
        else { return error }
        return loss
    }

    /// What of the application's table is missing, and whether the view is there; no row where nothing is installed.
    package static let loss: Statement = """
        SELECT i.users_table, to_regclass('convonet_admin.accounts') IS NOT NULL, c.oid IS NOT NULL,
               ARRAY(SELECT n FROM unnest(\(UsersTable.columns.map(\.name))) n WHERE NOT EXISTS (
                   SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = n AND NOT a.attisdropped))
        FROM convonet_admin.installation i LEFT JOIN (
            SELECT c.oid, concat('"', replace(n.nspname, '"', '""'), '"."', replace(c.relname, '"', '""'), '"') AS name
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace) c ON c.name = i.users_table
        """

    package static func loss(_ row: Row) throws -> AdminError? {
        let table = try QualifiedName(parsing: try row.text(0)).description
        let missing = try row.texts(3)
        if try !row.bool(2) { return .usersTableMissing(table) }
        if !missing.isEmpty { return .usersTableMissing(table, columns: missing) }
        return try row.bool(1) ? nil : .schemaDetached
    }
}

extension AdminError {
    /// What an error of any kind means here.
    package init(of error: any Error, during operation: Operation) {
        switch error {
        case let error as AdminError: self = error
        case let error as PostgresError: self = AdminError(error, during: operation)
        case let error as CredentialFailure: self = .credential(error)
        case is CancellationError: self = .database(.cancelled)
        default: self = .database(.unexpectedResult("\(error)"))
        }
    }

    package init(_ error: PostgresError, during operation: Operation) {
        guard case .server(let refusal) = error else {
            self = .database(error)
            return
        }
        switch refusal.sqlState {
        case .insufficientPrivilege: self = .notPermitted(operation)
        case .invalidSchemaName, .undefinedTable, .undefinedFunction: self = .schemaMissing
        case .peopleHidden: self = .peopleHidden
        default: self = .database(error)
        }
    }
}
