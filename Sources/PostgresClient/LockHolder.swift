/// Who holds a lock that was waited for in vain.
public struct LockHolder: Equatable, Sendable {
    /// Whose transaction it is.
    public enum Who: Equatable, Sendable {
        /// An open one: the process of its session, and the session's user.
        case session(pid: Int, user: String)
        /// One that was prepared (PREPARE TRANSACTION), by its owner.
        case prepared(user: String)
        /// The server does not tell.
        case unknown
    }

    /// What is held, in the word of the function that waited.
    public var held: String
    /// Whose transaction it is.
    public var who: Who

    /// Reads the error's fields for a table's and a column's name, in which a function may say it: what is held, and
    /// `PID/USER` or `prepared/USER`; nil where they hold something else.
    init?(table: String?, column: String?) {
        guard let table, let column else { return nil }
        held = table
        let parts = column.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, parts[0] == "prepared" {
            who = .prepared(user: parts[1])
        } else if parts.count == 2, let pid = Int(parts[0]) {
            who = .session(pid: pid, user: parts[1])
        } else {
            who = .unknown
        }
    }
}
