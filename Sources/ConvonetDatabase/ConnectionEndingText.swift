package import PostgresClient

/// The words for what ended a connection.
package enum ConnectionEndingText {
    /// Why a pooler in statement mode will not do.
    package static let whyNotStatementMode = "This is not supported: a change and its log entry are one transaction."
    /// What to do about it.
    package static let otherThanStatementMode =
        "Set pool_mode = transaction or session for this database in the pooler, or connect to the server directly."

    /// Why it ended, in a sentence or two; where that lasts, also what to change.
    package static func cause(_ ending: ConnectionEnding) -> String {
        let code = "(SQLSTATE \(ending.sqlState))"
        return switch ending.cause {
        case .statementPooling:
            "A connection pooler is between this program and the server, and ends connections within a transaction, as in "
                + "statement mode. \(whyNotStatementMode) \(otherThanStatementMode)"
        case .poolerExhausted:
            "The connection pooler had no connection to the server to spare in time \(code): all of its pool are in use, or the "
                + "server does not answer it."
        case .other:
            switch ending.sqlState.code {
            case "57P01": "The server is stopping, or its administrator ended the session \(code)."
            case "57P02", "57P03": "The server is restarting \(code)."
            case "57P04": "The database was dropped, or is in the way of a restore \(code)."
            case "57P05", "25P03", "25P04":
                "The server ended a session that was open for longer than it allows \(code)."
            case _ where ending.sqlState.isShortage: shortage(ending.sqlState)
            case let state where state.hasPrefix("08"):
                "A connection pooler or the server broke the connection off \(code). Its log says why."
            default: "The server ended the connection \(code). Its log says why."
            }
        }
    }

    /// What the server lacks, in a sentence.
    package static func shortage(_ state: SQLState) -> String {
        "The server has no connections, memory or disk space left (SQLSTATE \(state))."
    }

    /// What is said where the connection is gone, and nothing else is known.
    package static func text(_ ending: ConnectionEnding?, afterSending: Bool) -> String {
        guard let ending else {
            return "The connection to the database was lost. Check the server and the network, then try again."
        }
        if ending.isLasting { return cause(ending) + (afterSending ? "" : " Nothing was changed.") }
        return "The connection to the database was lost. \(cause(ending)) Try again."
    }
}
