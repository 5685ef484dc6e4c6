import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Whether a pooler is in between, and whether it lets a transaction be one.
    ///
    /// A transaction of two requests that only reads shows it: nothing is set beyond it, and nothing written.
    static func pooler(_ connection: PostgresConnection) async throws -> [Finding] {
        let announced = connection.details?.backendPID
        do {
            try await connection.begin(.reading, limit: .seconds(10))
            let first = try await backend(connection)
            let second = try await backend(connection)
            await connection.rollback()
            if first != second { return [statementMode] }
            return [
                Finding(
                    "pooler",
                    first == announced
                        ? "No connection pooler." : "Connected through a pooler; this works, also in transaction mode.")
            ]
        } catch PostgresError.connectionLost(_, let ending) where ending?.cause == .statementPooling {
            return [statementMode]
        }
    }

    private static func backend(_ connection: PostgresConnection) async throws -> Int? {
        try await connection.query("SELECT pg_backend_pid()", limit: .seconds(10)).first?.int(0)
    }

    private static let statementMode = Finding(
        "pooler", .problem,
        "The connection pooler changes the server connection within a transaction, as in statement mode. "
            + ConnectionEndingText.whyNotStatementMode,
        mend: ConnectionEndingText.otherThanStatementMode)
}
