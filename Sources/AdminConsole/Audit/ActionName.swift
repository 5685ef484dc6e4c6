/// The log's names of actions in words.
enum ActionName {
    /// The actions that a log can be filtered by, with their words.
    static let known = [
        ("reset_password", "password reset"), ("issue_voice_pin", "voice PIN issued"),
        ("set_voice_pin", "voice PIN set"), ("clear_voice_pin", "voice PIN cleared"), ("activate", "activated"),
        ("deactivate", "deactivated"), ("verify", "marked as verified"), ("unverify", "marked as not verified"),
        ("change_password", "password changed"), ("send_reset_link", "reset link sent"),
        ("revoke_reset_links", "reset links revoked"), ("request_approval", "approval asked for"),
        ("approve", "request approved"), ("deny", "request denied"),
        ("direct_change", "changed from outside"), ("set_policy", "policy set"),
    ]

    /// The action in words; one that is not known with spaces for underscores.
    static func words(_ action: String) -> String {
        known.first { $0.0 == action }?.1 ?? action.replacing("_", with: " ")
    }
}
