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
            case .link: "Send a reset link"
            case .revokedLinks: "Revoke reset links"
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
            case .verification(true): "is marked as verified"
            case .verification(false): "is marked as not verified"
            case .revokedLinks: "all links that were sent are void"
            case .link: "a link goes to the e-mail address above; the old password works until it is used"
            }
        }

        /// Why there is nothing to do for this account; nil where there is.
        func idleness(for account: Account) -> String? {
            switch self {
            case .activity(account.isActive):
                account.isActive ? "This account is already active." : "This account is already inactive."
            case .verification(account.isVerified):
                account.isVerified
                    ? "This account is already verified." : "This account is not verified."
            case .link where !account.isActive:
                "This account is inactive: a link would not let the person in. Activate it first (x)."
            default: nil
            }
        }

        /// The same for what goes with it, where that is known; nil also where it is not.
        func idleness(links facts: PersonFacts?) -> String? {
            guard self == .revokedLinks, let facts, facts.isComplete else { return nil }
            return facts.links.contains { $0.state == .queued || $0.state == .sent }
                ? nil : "No reset link of this person is open."
        }

        /// How the new value may come about.
        func methods(_ policy: Policy) -> [Method] {
            switch self {
            case .password: policy.allowsTyped ? [.drawn, .typed] : [.drawn]
            case .voicePIN: policy.allowsTyped ? [.drawn, .typed, .cleared] : [.drawn, .cleared]
            case .activity, .verification, .link, .revokedLinks: []
            }
        }

        /// A way in which the new value comes about, as the form offers it.
        func name(of method: Method) -> String {
            switch method {
            case .drawn: self == .password ? "Generate" : "Issue"
            case .typed: "Type"
            case .cleared: "Clear"
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
