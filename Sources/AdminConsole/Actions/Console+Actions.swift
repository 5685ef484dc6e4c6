import ConvonetCore
import TerminalKit

extension Console {
    /// Why an action cannot be done here and now; nil where it can.
    func unavailability(of action: ConsoleAction) -> String? {
        switch action {
        case .resetPassword, .resetVoicePIN:
            if let reason = context.readOnlyReason { return reason }
            if person?.isGone == true { return "The account is gone." }
            return currentAccount == nil ? "Nobody is selected." : nil
        case .copy:
            return currentAccount == nil ? "Nobody is selected." : nil
        case .open:
            if person != nil { return "The account is open." }
            return list.window.selected == nil && list.fetch == nil ? "Nobody is selected." : nil
        case .filter, .sort:
            return person == nil ? nil : "This is for the list."
        case .clear:
            if person != nil { return "This is for the list." }
            return list.selection == AccountSelection() ? "Nothing limits or sorts the list." : nil
        case .suspend:
            return context.allowsSuspend ? nil : "Suspending is turned off in the settings."
        case .back:
            return person == nil && list.selection.words.isEmpty ? "This is the first screen." : nil
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
            return beginSearch()
        case .resetPassword: return openReset(.password)
        case .resetVoicePIN: return openReset(.voicePIN)
        case .filter:
            menu = .filter(FilterMenu(list.selection.filters))
            return []
        case .sort:
            menu = .sort(SortMenu(list.selection.order))
            return []
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
            return person == nil ? performInList(action) : performOnPerson(action)
        }
    }
}
