package import PostgresClient

/// The words for what the server, or a function of ours, refuses with a code of its own.
package enum ServerRefusalText {
    /// nil for a code that says nothing by itself.
    package static func text(of refusal: ServerError) -> String? {
        switch refusal.sqlState {
        case let state where state.isTransient: busy(refusal.holder) + " Nothing was changed; try again."
        case let state where state.isShortage:
            ConnectionEndingText.shortage(state) + " Nothing was changed. Tell its administrator, then try again."
        case .readOnlyTransaction where refusal.isStandby:
            "Only a standby answers, which takes no changes. Nothing was changed. Try again once there is a primary; if there is "
                + "one, put all servers into the address (host=one,two,three)."
        case .readOnlyTransaction:
            "The transaction was made read-only on the way, by the application's code or a setting. Nothing was changed. Ask the "
                + "database's administrator."
        case .invalidTransactionState:
            "This database user's transactions are not READ COMMITTED. Nothing was changed. Ask the database's owner to run "
                + "ALTER ROLE … RESET default_transaction_isolation."
        case .sessionNotClean:
            "This database session has temporary tables or cursors left in it, through which other code could act for you. "
                + "Nothing was changed. Reconnect; a connection pooler must run DISCARD ALL between clients."
        case .settingChanged:
            "A trigger on the application's table changed a session setting and did not restore it. Nothing was changed. Ask "
                + "the application's team to add a SET clause to its function."
        case .notAlone:
            "A change must come first in a transaction of its own. Nothing was changed."
        case .tooManyEvents where refusal.constraint == "done_events":
            "Limit reached: you made too many changes within the hour (events_per_operator_hour). Nothing was changed. Wait, and "
                + "check whether a script of yours is running out of control."
        case .tooManyEvents:
            "Refused, and limit reached: too many of your attempts were refused within the hour (refusals_per_operator_hour), so "
                + "the reason was not recorded. Nothing was changed. Wait, or ask a supervisor."
        case .writtenAtTheEnd:
            "The application's code deferred work to the end of the change (a deferrable trigger or constraint), where it could "
                + "run with your rights. Nothing was changed. Ask the application's team not to defer it."
        case .belongsToHand:
            "The application's code created something owned by the role that changes its table. Nothing was changed. Run "
                + "“convonet-admin doctor”, and ask the application's team."
        default: nil
        }
    }

    private static func busy(_ holder: LockHolder?) -> String {
        guard let holder else { return "Someone else is changing this account, or the database is busy." }
        let what = holder.held == "log" ? "The log" : "This account"
        return switch holder.who {
        case .session(let pid, let user):
            "\(what) is locked by an open transaction of the database user \(user) (process \(pid)). “convonet-admin doctor” "
                + "says how to end it."
        case .prepared(let user):
            "\(what) is locked by a prepared transaction of the database user \(user). “convonet-admin doctor” says how to end it."
        case .unknown: "\(what) is locked by another transaction."
        }
    }
}
