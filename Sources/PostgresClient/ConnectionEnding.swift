internal import CLibpq

/// What the server, or a pooler before it, said as it ended a connection: its code, and of its words only what they mean.
public struct ConnectionEnding: Equatable, Sendable {
    /// What a pooler's words mean; its code is the same for all of them.
    public enum Cause: Equatable, Sendable {
        /// It is in statement mode, and lets no transaction begin.
        case statementPooling
        /// It had no connection to the server to spare in time.
        case poolerExhausted
        /// Anything else, or the server itself.
        case other
    }

    /// The code.
    public var sqlState: SQLState
    /// What the code does not say.
    public var cause: Cause

    /// An ending with its code.
    public init(sqlState: SQLState, cause: Cause = .other) {
        self.sqlState = sqlState
        self.cause = cause
    }

    /// Whether the next connection would end in the same way, until somebody changes a setting.
    public var isLasting: Bool { cause == .statementPooling }

    /// nil for what leaves the connection standing, or was not said by anybody but libpq.
    init?(_ result: OpaquePointer) {
        guard let code = field(result, DiagnosticField.sqlState) else { return nil }
        // PgBouncer has no severity but the one that can be translated, and where it is older says ERROR as it hangs up.
        let severity = field(result, DiagnosticField.severity) ?? field(result, DiagnosticField.localizedSeverity)
        guard severity == "FATAL" || severity == "PANIC" || severity == "ERROR" && code.hasPrefix("08") else {
            return nil
        }
        self.init(sqlState: SQLState(code), cause: Cause(said: field(result, DiagnosticField.message) ?? ""))
    }
}

extension ConnectionEnding.Cause {
    /// PgBouncer's texts (server.c, janitor.c).
    init(said message: String) {
        let signs: [(String, ConnectionEnding.Cause)] = [
            ("statement pooling mode", .statementPooling), ("Long transactions not allowed", .statementPooling),
            ("query_wait_timeout", .poolerExhausted),
        ]
        self = signs.first { message.contains($0.0) }?.1 ?? .other
    }
}
