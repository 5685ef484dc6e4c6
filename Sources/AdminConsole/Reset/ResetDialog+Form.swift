import ConvonetCore
import TerminalKit

extension ResetDialog {
    mutating func chooseMethod(_ key: Key, _ policy: Policy) {
        let methods = kind.methods(policy)
        let step =
            switch key {
            case .left: -1
            case .right: 1
            default: 0
            }
        guard step != 0, let index = methods.firstIndex(of: method) else { return }
        method = methods[(index + step + methods.count) % methods.count]
        wipeSecrets()
    }

    mutating func chooseVerification(_ key: Key, count: Int) {
        switch key {
        case .right: verification = ((verification ?? -1) + 1) % count
        case .left: verification = ((verification ?? 0) - 1 + count) % count
        default: break
        }
    }

    mutating func assess(_ context: ConsoleContext) {
        assessment = kind == .password && !secret.isEmpty ? context.assess(secret.secret, account) : nil
        if !needsWeakWord { weakWord.clear() }
    }

    /// Whether Enter stops at a field on its way to `yes`.
    func mustVisit(_ field: Field, _ policy: Policy) -> Bool {
        switch field {
        case .method: false
        case .secret, .again, .weak, .confirmation: true
        case .localPassword: !wantsLocalPassword
        case .verifiedBy: verification == nil
        case .reason: policy.requiresReason && reason.isBlank
        case .ticket: policy.requiresTicket && ticket.isBlank
        }
    }

    /// What keeps the form from being sent, and where to mend it. What only the database can say is left to it, and
    /// passwords that the rules refuse are sent on, so that the refusal is logged.
    func obstacle(_ policy: Policy) -> (field: Field, text: String)? {
        if let idleness = kind.idleness(for: account) { return (.confirmation, idleness) }
        if method == .typed {
            if secret.isEmpty { return (.secret, "Type the new \(kind.noun ?? "value"), or press Ctrl-G.") }
            if secret.secret != again.secret { return (.again, "The two entries differ. Type the second one again.") }
            if needsWeakWord, !isWeakConfirmed {
                return (.weak, "This password is weak. Type weak to use it all the same, or choose another.")
            }
        }
        if kind == .password || kind == .link, account.signIn == .external, !wantsLocalPassword {
            return (
                .localPassword,
                "This person signs in elsewhere. Reset it there, or press Space if they shall sign in with a password here instead."
            )
        }
        if !policy.verificationMethods.isEmpty, verification == nil {
            return (.verifiedBy, "Choose how the caller was verified, with ← and →.")
        }
        if policy.requiresReason, reason.isBlank { return (.reason, "The policy asks for a reason.") }
        if policy.requiresTicket, ticket.isBlank { return (.ticket, "The policy asks for a ticket.") }
        guard let isProtected else {
            return (.confirmation, "It is still being asked whether this account is protected. Press Enter again.")
        }
        if confirmation.text != confirmationWord {
            return (
                .confirmation,
                isProtected
                    ? "This account is protected. Type its username, \(DisplayText.visible(account.username)), to do it."
                    : "Type yes, in three small letters, to do it."
            )
        }
        return nil
    }

    var action: AccountChange.Action {
        switch (kind, method) {
        case (.password, .typed): .setPassword(secret.secret, allowWeak: needsWeakWord && isWeakConfirmed)
        case (.password, _): .generatePassword
        case (.voicePIN, .drawn): .issuePIN
        case (.voicePIN, .typed): .setPIN(secret.secret)
        case (.voicePIN, .cleared): .clearPIN
        case (.activity(let isActive), _): .setActive(isActive)
        case (.link, _): .sendResetLink
        case (.revokedLinks, _): .revokeResetLinks
        case (.verification(let isVerified), _): .setVerified(isVerified)
        }
    }

    func changeContext(_ policy: Policy) -> ChangeContext {
        ChangeContext(
            reason: reason.text, ticket: ticket.text,
            verifiedBy: verification.map { policy.verificationMethods[$0].name },
            wantsLocalPassword: wantsLocalPassword)
    }
}

extension TextField {
    /// Whether there is nothing but white space in it.
    fileprivate var isBlank: Bool { text.allSatisfy(\.isWhitespace) }
}
