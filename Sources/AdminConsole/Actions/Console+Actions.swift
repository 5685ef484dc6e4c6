import ConvonetCore
import TerminalKit

extension Console {
    /// Why an action cannot be done here and now; nil where it can.
    func unavailability(of action: ConsoleAction) -> String? {
        switch action {
        case .resetPassword, .resetVoicePIN, .sendLink, .revokeLinks, .toggleActive, .toggleVerified:
            if let reason = context.readOnlyReason { return reason }
            if person?.facts.isGone == true { return "This account was deleted. There is nothing to change." }
            return currentAccount == nil ? nobody : nil
        case .copy:
            return currentAccount == nil ? nobody : nil
        case .approvals:
            return screen.unavailability(of: action, in: self) ?? context.approvalsReason
        case .accountHistory:
            if person != nil, opened.last is PersonPage, !context.mayReadLog {
                return "It is below, under “Recent activity”."
            }
            return screen.unavailability(of: action, in: self) ?? (currentAccount == nil ? nobody : nil)
        case .auditLog:
            if let reason = screen.unavailability(of: action, in: self) { return reason }
            return context.mayReadLog ? nil : AdminError.notPermitted(.readLog).description
        case .times: return nil
        case .columns where !opened.isEmpty: return "This is for the list of accounts. Esc goes back to it."
        case .suspend:
            return context.allowsSuspend ? nil : "Suspending is turned off in the settings."
        default:
            return screen.unavailability(of: action, in: self)
        }
    }

    /// Why there is nobody for a key to act on.
    var nobody: String {
        if opened.isEmpty, !list.showsAnswer, !list.window.rows.isEmpty {
            return "These people are from before this search. r searches again, Esc goes back to them."
        }
        return opened.isEmpty ? "Nobody is selected." : "Nobody is selected here. Esc goes back to the list."
    }

    /// Does it, or says why not.
    mutating func perform(_ action: ConsoleAction) -> [Effect] {
        if let reason = unavailability(of: action) {
            if action != .back { say(reason, .caution) }
            return []
        }
        switch action {
        case .search:
            // The log has a search of its own.
            if screen is AuditPage { return perform(.filter) }
            return beginSearch()
        case .resetPassword, .resetVoicePIN, .sendLink, .revokeLinks, .toggleActive, .toggleVerified:
            return currentAccount.flatMap(action.change(of:)).map { openReset($0) } ?? []
        case .approvals: return openApprovals()
        case .auditLog: return openAudit(of: nil)
        case .accountHistory:
            guard let account = currentAccount else { return [] }
            // Operators see an account's history on its page; the whole events are for those who may read the log.
            if context.mayReadLog { return openAudit(of: account) }
            return person == nil ? openPerson(account) : []
        case .copy:
            if let account = currentAccount { menu = .copy(CopyMenu(account)) }
            return []
        case .palette:
            menu = .palette(ActionPalette())
            return []
        case .times:
            timeDisplay = timeDisplay.next
            say("Times are \(timeDisplay.rawValue).")
            return []
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        default: return type(of: screen).perform(action, in: &self)
        }
    }

    /// Closes the screen that is seen.
    mutating func close() -> [Effect] {
        opened.removeLast()
        return []
    }
}
