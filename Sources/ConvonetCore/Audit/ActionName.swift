/// The log's names of actions in words: what was tried, and what was done where it was.
public enum ActionName {
    /// What is no change by staff.
    private static let others = [
        ("change_password", "change password", "Password changed"),
        ("expire_password", "expire password", "Temporary password expired"),
        ("request_approval", "request approval", "Approval requested"),
        ("approve", "approve request", "Request approved"), ("deny", "deny request", "Request denied"),
        ("send_caller_code", "send caller code", "Caller code queued"),
        ("verify_caller", "verify caller", "Caller verified"),
        ("enter_reset_code", "enter reset code", "Reset code entered"),
        ("report_not_me", "report “not me”", "Reported: “not me”"),
        ("direct_change", "direct change", "Changed directly"), ("set_policy", "change policy", "Policy changed"),
        ("direct_delete", "direct deletion", "Deleted directly"),
        ("count_refusals", "count refusals", "Refusals counted"),
    ]

    /// Every action that the log can have, in the order in which it is offered, with its words.
    public static let known: [(name: String, words: String)] = {
        var names = Set<String>()
        let changes = AccountAction.all.filter { names.insert($0.name).inserted }.map { ($0.name, $0.words.attempt) }
        return changes + others.map { ($0.0, $0.1) }
    }()

    /// What was tried, and not that it was done: the outcome says that. One that is not known with spaces for underscores.
    public static func words(_ action: String) -> String {
        known.first { $0.name == action }?.words ?? action.replacing("_", with: " ")
    }

    /// What was done, of an action that was: `Password reset`, `Voice PIN issued`.
    public static func doneWords(_ action: String) -> String {
        AccountAction.named(action)?.words.done ?? others.first { $0.0 == action }?.2 ?? words(action)
    }

    /// Whether it changes an account, rather than to ask for that, to decide on it, or to find out who is speaking.
    public static func changesAccount(_ action: String) -> Bool {
        AccountAction.named(action) != nil || ["change_password", "expire_password", "direct_change"].contains(action)
    }

    /// What such changes are called where they are counted; nil where they are not named.
    public static func counted(_ action: String) -> String? {
        if action == AccountAction.issueResetCode.name { return "reset code" }
        return action == "change_password" ? ChangeKind.password.counted : ChangeKind.of(action: action)?.counted
    }
}
