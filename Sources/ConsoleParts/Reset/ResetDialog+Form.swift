package import AccountDisplay
package import AccountPolicy
package import ConvonetCore
package import TerminalKit

extension ResetDialog {
    package mutating func assess(_ context: ConsoleContext) {
        let secret = form.secret(.secret)
        assessment = chosen.value == .typedPassword && !secret.isEmpty ? context.assess(secret.secret, account) : nil
        refreshFields(context.policy)
    }

    /// Whether Enter stops at a field on its way to the confirmation.
    package func mustVisit(_ field: FormField<Field>) -> Bool {
        switch field.id {
        case .method: false
        case .secret, .again, .weak, .confirmation: true
        case .localPassword: !wantsLocalPassword
        case .verifiedBy, .reason, .ticket:
            field.isRequired && field.isEmpty || field.id == .ticket && wrongTicket != nil
        }
    }

    /// What is wrong with one field, as far as it can be said here; nil where nothing is.
    package func fault(_ id: Field, _ policy: Policy) -> String? { form.fault(id) { ownFault($0, policy) } }

    private func ownFault(_ id: Field, _ policy: Policy) -> String? {
        guard let field = form[id] else { return nil }
        switch id {
        case .method where chosen == .clearPIN && !account.hasVoicePIN: return "There is no voice PIN to clear."
        case .secret where field.isEmpty:
            return "Type the new \(kind.noun ?? "value")\(canMakeUp ? ", or press Ctrl-G" : "")."
        case .again where form.secret(.secret).secret != form.secret(.again).secret:
            return "The two entries differ. Type the second one again."
        case .weak where !isWeakConfirmed:
            return "This password is weak. Type weak to use it all the same, or choose another."
        case .localPassword where !wantsLocalPassword:
            return "This person signs in by SSO. Reset it there, or choose yes to give them a local password instead."
        case .verifiedBy where field.isRequired && field.isEmpty: return "Choose how you verified the caller."
        case .reason where field.isRequired && field.isEmpty: return "Enter a reason."
        case .ticket where field.isRequired && field.isEmpty: return "Enter a ticket."
        case .ticket where wrongTicket == form.text(.ticket) && wrongTicket != nil: return ticketFault(policy)
        default: return nil
        }
    }

    private func ticketFault(_ policy: Policy) -> String {
        "Not a valid ticket. " + TicketExample.words(policy.ticketPattern)
    }

    /// Whether it is not known yet if the policy takes the ticket.
    package func mustCheckTicket(_ policy: Policy) -> Bool {
        let ticket = form.text(.ticket)
        return !policy.ticketPattern.isEmpty && !ticket.allSatisfy(\.isWhitespace) && ticket != goodTicket
            && ticket != wrongTicket
    }

    /// What keeps the form from being sent, and where to mend it. What only the database can say is left to it, and
    /// passwords that the rules refuse are sent on, so that the refusal is logged.
    package func obstacle(_ policy: Policy) -> (field: Field, text: String)? {
        if let reasonWithoutEffect { return (.confirmation, reasonWithoutEffect) }
        guard isNamed else { return form.obstacle { fault($0, policy) } }
        let complaint =
            (isProtected == true ? "This account is protected. Type its" : "Nobody had what you searched for. Type the")
            + " username, \(account.username), to confirm."
        return form.obstacle(word: account.username, complaint: complaint) { fault($0, policy) }
    }

    /// Whether the first way to a new value is one for which nothing is typed.
    package var canMakeUp: Bool { kind.noun != nil && options.first?.value.isTyped == false }

    /// Why there is nothing to do; nil where there is.
    package var reasonWithoutEffect: String? { Self.reasonWithoutEffect(of: kind, for: account, facts) }

    /// The same of a dialog that is not open yet; that no link is open is known only where the person was read.
    package static func reasonWithoutEffect(of kind: ChangeKind, for account: Account, _ facts: PersonFacts?) -> String?
    {
        if let reason = kind.reasonWithoutEffect(account) { return reason }
        if let obstacles = facts?.obstacles, let fault = fault(of: kind, by: obstacles) { return fault }
        if kind.needsOpenLink, facts?.hasOpenLink == false { return "No reset link of this person is open." }
        if kind == .undo, facts?.undoable?.isEmpty == true {
            if facts?.lastChange?.action == AccountAction.undo.name { return ChangeKind.undoneStays }
            return "There is no reset here that you can take back now."
        }
        return nil
    }

    /// Why what holds the account up, or does not, leaves nothing to do.
    private static func fault(of kind: ChangeKind, by obstacles: AccountObstacles) -> String? {
        switch kind {
        case .unfreeze: obstacles.freeze == nil ? "This account is not frozen." : nil
        case _ where obstacles.freeze != nil: obstacles.freeze?.refusal
        case .unblocking: obstacles.blockedUntil == nil ? "No wrong old passwords block this person." : nil
        default: nil
        }
    }

    /// The reset that is taken back.
    package var undone: UndoableChange? { chosen.value == .replaced ? facts?.undoable?.first : nil }

    package var action: AccountChange.Action {
        if let undone { return .undo(receipt: undone.receipt) }
        return AccountChange.Action(
            chosen, typed: form.secret(.secret).secret, allowWeak: needsWeakWord && isWeakConfirmed)
    }

    package func changeContext(_ policy: Policy) -> ChangeContext {
        ChangeContext(
            reason: form.text(.reason), ticket: form.text(.ticket),
            verifiedBy: form.choice(.verifiedBy).map { policy.verificationMethods[$0].name },
            wantsLocalPassword: wantsLocalPassword)
    }

    package func hints(_ shared: Shared) -> [Footer.Hint] {
        switch stage {
        case .working:
            work?.isSlow(shared.uptime) == true
                ? [Footer.Hint("Esc", "stop waiting", priority: 9)] : [Footer.Hint("", "please wait")]
        case .receipt(let result, _) where result.newSecret == nil: nextHints(shared.context) + [.close]
        case .receipt(_, let closing):
            (secretShownUntil == nil
                ? []
                : [
                    Footer.Hint("Space", receiptLine == nil ? "one line" : "all lines", priority: 6),
                    Footer.Hint("↑↓", "line", priority: 5),
                ]) + nextHints(shared.context, closing) + [
                    Footer.Hint("Ctrl-R", secretShownUntil == nil ? "show" : "hide", priority: 8),
                    Footer.Hint(closing == .begun ? "Esc" : "Esc Esc", "close", priority: 9),
                    Footer.Hint("", "(cannot be shown again)", priority: 2),
                ]
        case .ended(let result):
            (result.outcome == .failed ? [Footer.Hint("Enter", "back to the form", priority: 8)] : []) + [.close]
        case .gone: [.close]
        case .form: formHints
        }
    }

    private func nextHints(_ context: ConsoleContext, _ closing: Closing = .open) -> [Footer.Hint] {
        nextActions(context).map { action in
            let label = action == .undo ? "take back" : "sign out"
            let isBegun = closing == .leaving(action)
            return Footer.Hint(
                action.firstKeyText, isBegun ? "\(label): the value is lost" : label,
                priority: isBegun ? 10 : action == .undo ? 4 : 7)
        }
    }

    private var formHints: [Footer.Hint] {
        var hints = form.hints(enter: form.focus == .confirmation ? "confirm" : "next")
        if canMakeUp {
            hints.append(Footer.Hint("Ctrl-G", kind.actions[0].option.lowercased(), priority: 5))
        }
        if chosen.value.isMasked {
            hints.append(Footer.Hint("Ctrl-R", revealedUntil == nil ? "show" : "hide", priority: 6))
        }
        return hints + [Footer.Hint("Esc", "cancel", priority: 9)]
    }
}
