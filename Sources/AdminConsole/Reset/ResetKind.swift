import ConvonetCore

extension ResetDialog {
    /// What is changed.
    enum Kind: Equatable, Sendable {
        case password
        case voicePIN
        /// Whether the person may sign in at all.
        case activity(Bool)
        /// Whether the person is marked as verified.
        case verification(Bool)
        /// A link by which the person sets a password.
        case link
        /// No link of theirs is good any more.
        case revokedLinks

        var title: String {
            switch self {
            case .password: "Reset password"
            case .voicePIN: "Reset voice PIN"
            case .activity(true): "Activate the account"
            case .activity(false): "Deactivate the account"
            case .verification(true): "Mark as verified"
            case .verification(false): "Mark as not verified"
            case .link: "Send a link to set a password"
            case .revokedLinks: "Revoke the links to set a password"
            }
        }

        /// What a new value is called; nil where there is none.
        var noun: String? {
            switch self {
            case .password: "password"
            case .voicePIN: "voice PIN"
            case .activity, .verification, .link, .revokedLinks: nil
            }
        }

        /// What it means for the person; nil where the form says it.
        var meaning: String? {
            switch self {
            case .password, .voicePIN: nil
            case .activity(true): "can sign in again"
            case .activity(false): "cannot sign in. \(StandingSessions.note)"
            case .verification(true): "counts as verified"
            case .verification(false): "no longer counts as verified"
            case .revokedLinks: "no link that was sent is good any more"
            case .link: "a link goes to the e-mail address above; the old password stays until it is used"
            }
        }

        /// Why there is nothing to do for this account; nil where there is.
        func idleness(for account: Account) -> String? {
            switch self {
            case .activity(account.isActive):
                account.isActive ? "This account is active already." : "This account is inactive already."
            case .verification(account.isVerified):
                account.isVerified
                    ? "This account is marked as verified already." : "This account is not marked as verified."
            case .link where !account.isActive:
                "This account is inactive, and a link would not let the person in. Activate it first (x)."
            default: nil
            }
        }

        /// How the new value may come about.
        func methods(_ policy: Policy) -> [Method] {
            switch self {
            case .password: policy.allowsTyped ? [.drawn, .typed] : [.drawn]
            case .voicePIN: policy.allowsTyped ? [.drawn, .typed, .cleared] : [.drawn, .cleared]
            case .activity, .verification, .link, .revokedLinks: []
            }
        }

        /// Whether an action of the log is of this kind.
        func concerns(_ action: String) -> Bool {
            switch self {
            case .password, .link, .revokedLinks:
                ["reset_password", "change_password", "send_reset_link", "revoke_reset_links"].contains(action)
            case .voicePIN: ["issue_voice_pin", "set_voice_pin", "clear_voice_pin"].contains(action)
            case .activity: ["activate", "deactivate"].contains(action)
            case .verification: ["verify", "unverify"].contains(action)
            }
        }
    }
}
