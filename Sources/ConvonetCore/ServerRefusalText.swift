import PostgresClient

/// The words for what the server, or a function of ours, refuses with a code of its own.
enum ServerRefusalText {
    /// nil for a code that says nothing by itself.
    static func text(of refusal: ServerError) -> String? {
        switch refusal.sqlState {
        case let state where state.isTransient: busy(refusal.holder) + " Nothing was changed; try again."
        case .readOnlyTransaction:
            "This server only reads: it is a standby, or was set so. Nothing was changed. Name the one that writes, or all of "
                + "them with target_session_attrs=read-write, in the database's address."
        case .protocolViolation:
            "A connection pooler is between this program and the server, and ends connections within their transaction, as in "
                + "statement mode. That is not supported: a change and its event in the log are one transaction. Nothing was "
                + "changed. Set pool_mode = transaction or session for this database in the pooler, or name the server itself."
        case "25000":
            "This database user's transactions are not READ COMMITTED, so nothing was changed. "
                + "Its owner can mend that with ALTER ROLE … RESET default_transaction_isolation."
        case "CA002":
            "This session of the database has temporary tables or cursors that outlive a transaction, by which other "
                + "people's code could act for you, so nothing was changed. Connect anew; a pooler has to clear sessions between its clients (DISCARD ALL)."
        case "CA004":
            "Code of the application's table changed a setting of this session and left it so. Nothing was changed. Ask the "
                + "application's team: its trigger's function needs a SET clause of its own."
        case "CA005":
            "A change has to be the first thing in its transaction, and no part of another. Nothing was changed."
        case "CA006" where refusal.constraint == "done_events":
            "You made as many changes within the hour as the policy lets one operator make (events_per_operator_hour). Nothing was "
                + "changed. Wait, and see whether a program of yours goes on and on."
        case "CA006":
            "This was refused, and so was so much of yours within the hour that no more of it is recorded "
                + "(refusals_per_operator_hour in the policy). Nothing was changed. Wait, or ask a supervisor why."
        case "CA009":
            "The application's code put work off to the end of the change (a deferrable trigger or constraint) and wrote there "
                + "again, which could go on with your rights. Nothing was changed. Ask the application's team to write at once."
        case "CA011":
            "The application's code made something that belongs to the role that changes its table. Nothing was changed. Run "
                + "“convonet-admin doctor”, and ask the application's team."
        default: nil
        }
    }

    private static func busy(_ holder: LockHolder?) -> String {
        guard let holder else { return "Somebody else is changing the same account, or the database is busy." }
        let what = holder.held == "log" ? "The log" : "This account"
        return switch holder.who {
        case .session(let pid, let user):
            "\(what) is held by an open transaction of the database user \(user) (process \(pid); “convonet-admin doctor” says "
                + "how to end it)."
        case .prepared(let user):
            "\(what) is held by a prepared transaction of the database user \(user); “convonet-admin doctor” says how to end it."
        case .unknown: "\(what) is held by somebody else's transaction."
        }
    }
}
