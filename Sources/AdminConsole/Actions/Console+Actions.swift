import ConvonetCore
import TerminalKit

extension Console {
    /// Why an action cannot be done here and now; nil where it can.
    func unavailability(of action: ConsoleAction) -> String? {
        switch action {
        case .resetPassword, .resetVoicePIN:
            if let reason = context.readOnlyReason { return reason }
            if person?.isGone == true { return "The account is gone: there is nothing to reset." }
            return currentAccount == nil ? "Nobody is selected." : nil
        case .copy:
            return currentAccount == nil ? "Nobody is selected." : nil
        case .refresh:
            return audit?.showsDetail == true ? "An event does not change." : nil
        case .accountHistory:
            if audit?.account != nil { return "This is it." }
            return currentAccount == nil ? "Nobody is selected." : nil
        case .auditLog:
            if let audit, audit.account == nil { return "This is the log." }
            return context.mayReadLog ? nil : AdminError.notPermitted(.readLog).description
        case .open:
            if let audit {
                return audit.selected == nil ? "There is no event." : audit.showsDetail ? "It is open." : nil
            }
            if person != nil { return "The account is open." }
            return list.window.selected == nil && list.fetch == nil ? "Nobody is selected." : nil
        case .filter, .sort:
            return person == nil && audit == nil ? nil : "This is for the list."
        case .clear:
            if person != nil || audit != nil { return "This is for the list." }
            return list.selection == AccountSelection() ? "Nothing limits or sorts the list." : nil
        case .suspend:
            return context.allowsSuspend ? nil : "Suspending is turned off in the settings."
        case .back:
            return person == nil && audit == nil && list.selection.words.isEmpty ? "This is the first screen." : nil
        default:
            return nil
        }
    }

    /// Does it, or says why not.
    mutating func perform(_ action: ConsoleAction) -> [Effect] {
        if let reason = unavailability(of: action) {
            if action != .back { say(reason, .caution) }
            return []
        }
        switch action {
        case .search:
            person = nil
            audit = nil
            return beginSearch()
        case .resetPassword: return openReset(.password)
        case .resetVoicePIN: return openReset(.voicePIN)
        case .filter:
            menu = .filter(FilterMenu(list.selection.filters))
            return []
        case .sort:
            menu = .sort(SortMenu(list.selection.order))
            return []
        case .auditLog: return openAudit(of: nil)
        case .accountHistory:
            guard let account = currentAccount else { return [] }
            // Operators see an account's history on its page; the whole events are for those who may read the log.
            if context.mayReadLog { return openAudit(of: account) }
            return person == nil ? openPerson(account) : []
        case .copy:
            if let account = currentAccount { menu = .copy(CopyMenu(account)) }
            return []
        case .clear:
            list.selection = AccountSelection()
            list.search.clear()
            return selectionChanged()
        case .palette:
            menu = .palette(ActionPalette())
            return []
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        default:
            if audit != nil { return performInAudit(action) }
            return person == nil ? performInList(action) : performOnPerson(action)
        }
    }
}
