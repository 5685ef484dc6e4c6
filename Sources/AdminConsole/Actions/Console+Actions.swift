import AccountDisplay
import ConsoleParts
import ConvonetCore
import TerminalKit

extension Console {
    /// Why an action cannot be done here and now; nil where it can.
    func unavailability(of action: ConsoleAction) -> String? {
        let (screen, context) = (screen, shared.context)
        if let reason = action.refusal(context) { return reason }
        if !screen.marked.isEmpty, !action.changes.isEmpty { return action.reasonAgainstMany }
        if !action.changes.isEmpty || action == .verifyCaller,
            screens.dropFirst().contains(where: { $0.facts?.isGone == true })
        {
            return "This account was deleted. There is nothing to change."
        }
        if let reason = screen.unavailability(of: action, in: self) { return reason }
        if action.actsOnAccount, screen.account == nil { return screen.nobody }
        if let opened = action.screen(screen.account, context), type(of: opened) == type(of: screen),
            opened.name == screen.name
        {
            return "You are here."
        }
        if action == .lastPeople, lastPeople.isEmpty { return "You have opened nobody else yet." }
        if action == .backward, trail.place(forward: false) == nil {
            return "You have seen no other screen before this."
        }
        if action == .forward, trail.place(forward: true) == nil { return "There is no screen to go forward to." }
        return screen.actions.contains(action) ? nil : action.place
    }

    /// The people to go back to: on the list all, since the selected one was perhaps never opened.
    private var lastPeople: [Account] { shared.others(than: screen is PersonPage ? screen.account : nil) }

    /// Does it, or says why not; where it means one of several changes, the one that fits unless one is named.
    mutating func perform(_ action: ConsoleAction, as named: ChangeKind? = nil) {
        if let reason = unavailability(of: action) {
            if action != .back { shared.say(reason, .caution) }
            return
        }
        if !screen.marked.isEmpty, !action.changes.isEmpty { return changeMarked(action, as: named) }
        if let kind = named ?? screen.account.flatMap(action.change) { return change(kind) }
        if let opened = action.screen(screen.account, shared.context) { return open(opened) }
        switch action {
        case .verifyCaller:
            guard let account = screen.account else { break }
            let known = facts(of: account)
            open(CallerDialog(of: account, knowing: known?.caller, mailWarning: known?.mailWarning))
        case .search where !screen.hasOwnSearch:
            hideOthers()
            act(.search)
        // Operators see an account's history on its page; the whole events are for those who may read the log.
        case .accountHistory: act(.open)
        case .copy:
            guard let account = screen.account else { break }
            open(
                MenuBox(CopyMenu(account)) { menu, shared in
                    guard menu.chosen.utf8.count <= shared.context.clipboardLimit else {
                        return shared.say("This is too long for the terminal's clipboard.", .caution)
                    }
                    shared.say("Sent to your terminal's clipboard: \(menu.chosen)")
                    shared.effects.append(.copy(menu.chosen))
                })
        case .lastPeople:
            open(
                MenuBox(LastPeopleMenu(lastPeople)) { menu, shared in
                    shared.open(PersonPage(of: menu.chosen, knowing: nil))
                })
        case .backward, .forward: go(forward: action == .forward)
        case .palette:
            open(ActionPalette(in: self))
        case .environment: open(ActionPalette(in: self, line: "env "))
        case .times:
            shared.timeDisplay = shared.timeDisplay.next
            shared.say("Times are \(shared.timeDisplay.rawValue).")
        case .redraw: shared.effects.append(.redraw)
        case .suspend: shared.effects.append(.suspend)
        default: act(action)
        }
    }

    /// Lets the screen that is seen do it.
    private mutating func act(_ action: ConsoleAction) {
        withSeenScreen { $0.perform(action, &$1) }
    }

    /// Opens the dialog of a change of everybody who is marked.
    private mutating func changeMarked(_ action: ConsoleAction, as named: ChangeKind?) {
        let marked = screen.marked
        // First what was asked for by name, or that with which there is something to do for the first of them.
        let first = named ?? marked.first.flatMap(action.change)
        let kinds = action.changes.filter { $0 == first } + action.changes.filter { $0 != first }
        let actions = kinds.flatMap(\.actions).filter(\.isForMany)
        open(BatchDialog(BatchReview(actions, of: marked, selected: screen.account, shared.context.policy)))
    }

    /// What the screens know of a person.
    private func facts(of account: Account) -> PersonFacts? {
        screens.reversed().compactMap(\.facts).first { $0.account.id == account.id }
    }

    /// Opens the dialog of a change, unless there is nothing to change.
    private mutating func change(_ kind: ChangeKind) {
        guard let account = screen.account else { return }
        let known = facts(of: account)
        // Before anything is filled in; the account is read anew, in case that is no longer so.
        if let reasonWithoutEffect = ResetDialog.reasonWithoutEffect(of: kind, for: account, known) {
            shared.say(reasonWithoutEffect, .caution)
            return shared.moves.append(.tell(.changed(account), by: Shared.background))
        }
        open(ResetDialog(kind: kind, account: account, facts: known, shared))
    }
}
