/// How a transaction sees the database and what it may do to it.
public enum TransactionKind: Sendable {
    /// Reads and writes, each statement seeing what was committed before it.
    case readCommitted
    /// Reads only, each statement seeing what was committed before it.
    case reading
    /// Reads only, all statements seeing the same snapshot.
    case snapshot

    /// Whether nothing of it is to last.
    var onlyReads: Bool { self != .readCommitted }

    /// All of it is said, since the database or the role may have other defaults.
    var sql: String {
        switch self {
        case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        case .reading: "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        }
    }
}

/// Whether a statement's plan may read whole tables where an index would do.
public enum TableScans: String, Sendable {
    /// As the server's planner likes.
    case allowed = "on"
    /// Only where there is no other way.
    case lastResort = "off"
}

/// What every transaction begins with: the one place that says how our statements run.
///
/// Utility commands only. A function, even `set_config`, would be found by way of what ran in this session before: an
/// expression of the application's table runs as whoever reads, and can leave settings of the session behind. So each
/// transaction states all that it relies on, and nothing outlives it.
enum TransactionOpening {
    /// BEGIN and the settings of one transaction.
    static func statements(_ kind: TransactionKind, limit: Duration) -> [Statement] {
        [Statement(trusted: kind.sql)] + settings(limit: limit)
    }

    /// The settings alone, for a further request of a transaction that was begun.
    ///
    /// The server's limit is the request's; this side waits a little longer.
    static func settings(limit: Duration, scans: TableScans = .allowed) -> [Statement] {
        let parts = limit.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        return fixed + [
            Statement(trusted: "SET LOCAL statement_timeout = \(milliseconds)"),
            setting(scans),
        ]
    }

    /// How one statement may read.
    static func setting(_ scans: TableScans) -> Statement {
        Statement(trusted: "SET LOCAL enable_seqscan = \(scans.rawValue)")
    }

    /// Before COMMIT, which waits for a synchronous standby: that must not be cut short, nor its warning be lost where what ran
    /// changed the setting. Whether it waits is left to what ran: counters of this server alone do not.
    static let closing: [Statement] = ["SET LOCAL statement_timeout = 0", warnings]

    /// A warning at COMMIT says that no standby has the change.
    private static let warnings: Statement = "SET LOCAL client_min_messages = warning"

    private static let fixed: [Statement] = [
        "SET LOCAL search_path = pg_catalog, pg_temp",
        "SET LOCAL TimeZone = 'UTC'",
        "SET LOCAL client_encoding = 'UTF8'",
        "SET LOCAL standard_conforming_strings = on",
        // Names are compared as the catalogue writes them.
        "SET LOCAL quote_all_identifiers = off",
        warnings,
        "SET LOCAL idle_in_transaction_session_timeout = 60000",
        // Nothing here is worth compiling, and what is estimated to be slow, such as a scan that is ruled out, would be.
        "SET LOCAL jit = off",
    ]
}
