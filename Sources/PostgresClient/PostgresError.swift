/// What can go wrong between this program and PostgreSQL.
///
/// No case carries a parameter's value, the server's message or its detail: those can hold a hash or a PIN.
public enum PostgresError: Error, Equatable, Sendable {
    /// The connection string cannot be read; the reason never quotes it, since it may hold a password.
    case invalidConnectionString(reason: String)
    /// The settings would send credentials over a network unencrypted, and nobody said that this is wanted.
    case insecureConnection(sslMode: String)
    /// No connection could be made.
    case cannotConnect(ConnectFailure)
    /// The server refused a statement.
    case server(ServerError)
    /// The connection ended, with what was said as it did. Where `afterSending` is true, the server may have carried the
    /// request out.
    case connectionLost(afterSending: Bool, ending: ConnectionEnding? = nil)
    /// The task was cancelled, and the query with it.
    case cancelled
    /// The time limit of the request passed.
    case timedOut
    /// The statement of a change was carried out, and its commit not confirmed within the time limit, as where a standby that
    /// the server waits for is away. It may be committed.
    case commitUnanswered
    /// The transaction was committed on this server, but the server gave up waiting for the standby that should have it.
    case notReplicated
    /// The server's answer does not have the shape that was asked for.
    case unexpectedResult(String)
}

/// A refusal by the server, without its text.
public struct ServerError: Error, Equatable, Sendable {
    /// The five characters of appendix A of PostgreSQL's manual.
    public var sqlState: SQLState
    /// The constraint that was violated, where one was.
    public var constraint: String?
    /// Who holds what could not be locked, where the function that was called said so.
    public var holder: LockHolder?
    /// Whether it is a standby that would not begin what writes; nothing of it was sent on.
    public var isStandby: Bool

    /// A refusal with the given code.
    public init(
        sqlState: SQLState, constraint: String? = nil, holder: LockHolder? = nil, isStandby: Bool = false
    ) {
        self.isStandby = isStandby
        self.sqlState = sqlState
        self.constraint = constraint
        self.holder = holder
    }
}

/// A five-character code of appendix A of PostgreSQL's manual.
public struct SQLState: Equatable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The code, such as `23505`.
    public var code: String

    /// The code as given.
    public init(_ code: String) { self.code = code }
    /// The code as given.
    public init(stringLiteral value: String) { code = value }
    /// The code.
    public var description: String { code }

    /// insufficient_privilege
    public static let insufficientPrivilege: SQLState = "42501"
    /// division_by_zero
    public static let divisionByZero: SQLState = "22012"
    /// undefined_table
    public static let undefinedTable: SQLState = "42P01"
    /// undefined_column
    public static let undefinedColumn: SQLState = "42703"
    /// undefined_function
    public static let undefinedFunction: SQLState = "42883"
    /// invalid_schema_name
    public static let invalidSchemaName: SQLState = "3F000"
    /// lock_not_available
    public static let lockNotAvailable: SQLState = "55P03"
    /// serialization_failure
    public static let serializationFailure: SQLState = "40001"
    /// deadlock_detected
    public static let deadlockDetected: SQLState = "40P01"
    /// query_canceled
    public static let queryCanceled: SQLState = "57014"
    /// no_data_found
    public static let noDataFound: SQLState = "P0002"
    /// invalid_transaction_state
    public static let invalidTransactionState: SQLState = "25000"
    /// read_only_sql_transaction
    public static let readOnlyTransaction: SQLState = "25006"

    /// Whether the server says that another try may succeed: busy, or overtaken by another transaction.
    public var isTransient: Bool {
        self == .lockNotAvailable || self == .serializationFailure || self == .deadlockDetected
    }

    /// Whether the server lacks something: disk space, memory, connections (insufficient_resources).
    public var isShortage: Bool { code.hasPrefix("53") }
}

extension Result<QueryResult, PostgresError> {
    /// Whether the server refused it with this code.
    func failsWith(_ state: SQLState) -> Bool {
        if case .failure(.server(let refusal)) = self { refusal.sqlState == state } else { false }
    }
}
