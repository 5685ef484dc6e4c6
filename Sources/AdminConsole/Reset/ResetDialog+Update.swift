import ConvonetCore
import PostgresClient
import TerminalKit

extension Console {
    mutating func openReset(_ kind: ResetDialog.Kind) -> [Effect] {
        guard let account = currentAccount else { return [] }
        list.isSearching = false
        var dialog = ResetDialog(kind: kind, account: account)
        // The list may be old: what the operator confirms is read anew.
        let request = requests.next()
        dialog.request = request
        dialog.historyRequest = request
        if let lastFields { dialog.take(lastFields) }
        if kind.noun == nil {
            dialog.focus = dialog.fields(context.policy).first { dialog.mustVisit($0, context.policy) } ?? .confirmation
        }
        reset = dialog
        return [.loadPerson(request: request, account.id), .awaitPaint]
    }

    mutating func updateReset(_ key: Key) -> [Effect] {
        guard let dialog = reset else { return [] }
        switch dialog.stage {
        case .working:
            return key == .escape || key == .control("c") ? stopWaiting() : []
        case .receipt(let result, let closing): return updateReceipt(result, closing, key)
        case .ended(let result):
            switch key {
            case .escape, .control("c"): return closeReset()
            case .enter where result.outcome == .failed:
                reset?.stage = .form
                return []
            default:
                _ = scrollReset(key)
                return []
            }
        case .gone:
            guard key == .escape || key == .control("c") else { return [] }
            reset = nil
            return person == nil ? refreshList() : []
        case .form:
            return updateForm(key)
        }
    }

    /// A receipt with a secret is closed by Esc twice, for it is the last that is seen of it; another by Esc or Enter.
    private mutating func updateReceipt(
        _ result: ChangeResult, _ closing: ResetDialog.Closing, _ key: Key
    ) -> [Effect] {
        switch key {
        case .escape where closing == .begun || result.newSecret == nil, .enter where result.newSecret == nil:
            return closeReset()
        case .escape: reset?.stage = .receipt(result, .begun)
        case .control("r"):
            if dialogShowsSecret { reset?.secretShownUntil = nil } else { reset?.showSecret(uptime) }
            reset?.stage = .receipt(result, .open)
        default:
            let isScrolled = scrollReset(key)
            reset?.stage = .receipt(result, isScrolled ? .open : .asked)
        }
        return []
    }

    private var dialogShowsSecret: Bool { reset?.secretShownUntil != nil }

    private mutating func closeReset() -> [Effect] {
        guard let account = reset?.account else { return [] }
        leaveChange()
        lastFields = reset?.carried
        reset = nil
        return rereadInList(account) + reloadPerson()
    }

    /// The list's row is read anew without opening the page.
    private mutating func rereadInList(_ account: Account) -> [Effect] {
        let request = requests.next()
        list.rereading = request
        return [.loadAccount(request: request, account.id)]
    }

    private mutating func updateForm(_ key: Key) -> [Effect] {
        reset?.problem = nil
        switch key {
        case .escape, .control("c"):
            lastFields = reset?.carried
            let waits = reset?.waitsForApproval == true
            reset = nil
            say(
                waits
                    ? "Closed. What you asked for still waits for a second person (w)."
                    : "Cancelled. Nothing was changed.")
        case .tab, .down: moveFocus(by: 1)
        case .backTab, .up: moveFocus(by: -1)
        case .control("g") where kindHasValue:
            reset?.method = .drawn
            reset?.wipeSecrets()
            reset?.confirmation.clear()
            reset?.focus = .method
        case .control("r"):
            guard reset?.method == .typed else { break }
            reset?.revealedUntil = uptime + ResetDialog.revealedTime
        case .enter: return enterInForm()
        default: edit(key)
        }
        return []
    }

    private var kindHasValue: Bool { reset?.kind.noun != nil }

    private mutating func moveFocus(by step: Int) {
        guard let dialog = reset else { return }
        let fields = dialog.fields(context.policy)
        let index = fields.firstIndex(of: dialog.focus) ?? 0
        reset?.focus = fields[(index + step + fields.count) % fields.count]
    }

    /// Enter goes to the next field that must be filled in, and from `yes` sends.
    private mutating func enterInForm() -> [Effect] {
        guard let dialog = reset else { return [] }
        if dialog.focus == .confirmation { return submit() }
        let fields = dialog.fields(context.policy)
        let index = fields.firstIndex(of: dialog.focus) ?? 0
        reset?.focus = fields[(index + 1)...].first { dialog.mustVisit($0, context.policy) } ?? .confirmation
        return []
    }

    private mutating func edit(_ key: Key) {
        guard var dialog = reset else { return }
        if key == .character("\u{FFFD}") {
            reset?.problem = "The terminal sent something that is not UTF-8. Check its encoding."
            return
        }
        if dialog.focus == .method || dialog.focus == .verifiedBy, case .character = key {
            // Whoever types on is one field too early: nothing is chosen by that.
            reset?.problem = "Choose with ← and →, and go on with Tab."
            return
        }
        // A yes holds for what it was typed to.
        if dialog.focus.decidesTheValue { dialog.confirmation.clear() }
        switch dialog.focus {
        case .method: dialog.chooseMethod(key, context.policy)
        case .secret: if dialog.secret.apply(key) { dialog.assess(context) }
        case .again: _ = dialog.again.apply(key)
        case .weak: dialog.weakWord.apply(key)
        case .localPassword:
            if key == .character(" ") || key == .left || key == .right { dialog.wantsLocalPassword.toggle() }
        case .verifiedBy: dialog.chooseVerification(key, count: context.policy.verificationMethods.count)
        case .reason: dialog.reason.apply(key)
        case .ticket: dialog.ticket.apply(key)
        case .confirmation: dialog.confirmation.apply(key)
        }
        reset = dialog
    }

    mutating func pasteIntoReset(_ text: String) -> [Effect] {
        guard var dialog = reset, dialog.stage == .form else { return [] }
        dialog.problem = nil
        if dialog.focus.decidesTheValue { dialog.confirmation.clear() }
        switch dialog.focus {
        case .secret:
            dialog.secret.paste(text)
            dialog.assess(context)
        case .again: dialog.again.paste(text)
        case .reason: dialog.reason.paste(text)
        case .ticket: dialog.ticket.paste(text)
        case .method, .weak, .localPassword, .verifiedBy, .confirmation:
            dialog.problem = "Nothing can be pasted here. Type it."
        }
        reset = dialog
        return []
    }

    /// Scrolls what does not fit; false where the key is for something else.
    private mutating func scrollReset(_ key: Key) -> Bool {
        guard let dialog = reset else { return false }
        let step =
            switch key {
            case .up, .character("k"): -1
            case .down, .character("j"): 1
            case .pageUp: -3
            case .pageDown: 3
            default: 0
            }
        reset?.top = min(max(0, dialog.top + step), dialog.lastTop(size, context))
        return step != 0
    }

    private mutating func submit() -> [Effect] {
        guard var dialog = reset else { return [] }
        if let obstacle = dialog.obstacle(context.policy) {
            dialog.problem = obstacle.text
            dialog.focus = obstacle.field
            if obstacle.field == .again { dialog.again = SecretEntry() }
            reset = dialog
            return []
        }
        let action = dialog.action
        let request = requests.next()
        dialog.request = request
        dialog.submitted = action.name
        dialog.stage = .working
        dialog.work = ChangeWork(request: request, uptime: uptime)
        dialog.revealedUntil = nil
        dialog.changes = []
        dialog.top = 0
        reset = dialog
        return [.change(request: request, dialog.account, action, dialog.changeContext(context.policy))]
    }
}
