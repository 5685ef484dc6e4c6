/// The log's names of actions in words that say what was tried, and not that it was done: the outcome says that.
public enum ActionName {
    /// Every action that the log can have, in the order in which it is offered, with its words.
    public static let known = [
        ("reset_password", "reset password"), ("issue_voice_pin", "issue voice PIN"),
        ("set_voice_pin", "set voice PIN"), ("clear_voice_pin", "clear voice PIN"), ("activate", "activate"),
        ("deactivate", "deactivate"), ("verify", "mark verified"), ("unverify", "mark unverified"),
        ("change_password", "change password"), ("send_reset_link", "send reset link"),
        ("revoke_reset_links", "revoke reset links"), ("request_approval", "request approval"),
        ("approve", "approve request"), ("deny", "deny request"), ("direct_change", "direct change"),
        ("set_policy", "change policy"),
    ]

    /// The action in words; one that is not known with spaces for underscores.
    public static func words(_ action: String) -> String {
        known.first { $0.0 == action }?.1 ?? action.replacing("_", with: " ")
    }
}
