import ConvonetCore
import PostgresClient
import TerminalKit

extension Console {
    mutating func openReset(_ kind: ChangeKind) -> [Effect] {
        guard let account = currentAccount else { return [] }
        let known = (person?.facts ?? preview?.facts).flatMap { $0.account.id == account.id ? $0 : nil }
        // Before anything is filled in; the account is read anew, in case that is no longer so.
        if let idleness = ResetDialog.idleness(of: kind, for: account, known) {
            say(idleness, .caution)
            return person == nil ? rereadInList(account) : reloadPerson()
        }
        list.isSearching = false
        list.searchedFrom = []
        var dialog = ResetDialog(kind: kind, account: account, policy: context.policy)
        dialog.facts = known
        // The list may be old: what the operator confirms is read anew.
        let request = requests.next()
        dialog.reading = request
        if let lastFields { dialog.take(lastFields) }
        if kind.noun == nil {
            dialog.form.focus = dialog.form.fields.first { dialog.mustVisit($0) }?.id ?? .confirmation
        }
        reset = dialog
        return [readPerson(account.id, for: .dialog, as: request), .awaitPaint] + checkTicket(of: dialog)
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
                var scrolled = dialog
                _ = scrolled.scroll(key, self)
                reset = scrolled
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

    mutating func closeReset() -> [Effect] {
        guard let dialog = reset else { return [] }
        leaveChange()
        lastFields = dialog.carried
        reset = nil
        // What was changed here is known here: the next dialog is bound to it even before it was read again.
        list.window.replace(dialog.account)
        if person?.person.id == dialog.account.id { person?.facts.account = dialog.account }
        return rereadInList(dialog.account) + reloadPerson() + readPending()
    }

    /// The list's row is read anew without opening the page.
    private mutating func rereadInList(_ account: Account) -> [Effect] {
        [requests.read(AccountQuery(id: account.id)) { $0.takeAccountForList($1) }]
    }

    private mutating func updateForm(_ key: Key) -> [Effect] {
        reset?.problem = nil
        reset?.isConfirmedEarly = false
        switch key {
        case .escape, .control("c"):
            lastFields = reset?.carried
            let waits = reset?.waitsForApproval == true
            reset = nil
            say(waits ? "Closed. w shows what became of your request." : "Cancelled. Nothing was changed.")
            return waits ? readPending() : []
        case .control("g") where reset?.kind.noun != nil:
            reset?.chooseFirst()
            reset?.form.setText(.confirmation, "")
            reset?.refreshFields(context.policy)
            reset?.form.focus = .method
            // Chosen is chosen: on to what is still to be filled in.
            if let asked = reset { reset?.form.advance { asked.mustVisit($0) } }
        case .control("r"):
            guard reset?.chosen.value.isTyped == true else { break }
            let isShown = reset?.revealedUntil != nil
            reset?.revealedUntil = isShown ? nil : uptime + ResetDialog.revealedTime
        case .enter: return enterInForm()
        default:
            guard let outcome = reset?.form.apply(key) else { return [] }
            return takeOutcome(outcome)
        }
        return []
    }

    mutating func pasteIntoReset(_ text: String) -> [Effect] {
        guard reset?.stage == .form, let outcome = reset?.form.paste(text) else { return [] }
        reset?.problem = nil
        return takeOutcome(outcome)
    }

    private mutating func takeOutcome(_ outcome: Form<ResetDialog.Field>.Outcome) -> [Effect] {
        guard var dialog = reset else { return [] }
        defer { reset = dialog }
        switch outcome {
        case .ignored: break
        case .refused(let reason): dialog.problem = reason
        case .edited:
            // A yes holds for what it was typed to.
            if dialog.form.focus.decidesTheValue { dialog.form.setText(.confirmation, "") }
            if dialog.form.focus == .method { dialog.wipeSecrets() }
            if dialog.form.focus == .ticket { dialog.wrongTicket = nil }
            dialog.assess(context)
        case .moved(let left):
            // A field is checked when it is left, and not before anything was filled in behind it.
            if left != .confirmation { dialog.problem = dialog.fault(left, context.policy) }
            return left == .ticket ? checkTicket(of: dialog) : []
        case .strayed(let character):
            // Whoever types on without choosing means the word at the end, if nothing is missing before it.
            if let fault = dialog.firstFault(context.policy) {
                dialog.problem = fault.text
            } else if let key = character.first {
                dialog.form.focus = .confirmation
                _ = dialog.form.apply(.character(key))
            }
        }
        return []
    }

    /// Asks whether the policy takes the ticket, where it asks for a form.
    private mutating func checkTicket(of dialog: ResetDialog) -> [Effect] {
        guard dialog.mustCheckTicket(context.policy) else { return [] }
        let ticket = dialog.form.text(.ticket)
        // Good where that could not be found out, for the database decides.
        return [
            requests.read(TicketQuery(ticket: ticket)) { $0.takeTicket(ticket, isGood: (try? $1.get()) ?? true) }
        ]
    }

    mutating func takeTicket(_ ticket: String, isGood: Bool) -> [Effect] {
        guard var dialog = reset, dialog.stage == .form, dialog.form.text(.ticket) == ticket else { return [] }
        dialog.wrongTicket = isGood ? nil : ticket
        dialog.goodTicket = isGood ? ticket : nil
        let isConfirmed = dialog.isConfirmedEarly
        dialog.isConfirmedEarly = false
        if dialog.problem == Self.checking { dialog.problem = nil }
        if !isGood { dialog.problem = dialog.fault(.ticket, context.policy) }
        reset = dialog
        return isConfirmed && isGood ? submit() : []
    }

    /// Enter goes to the next field that must be filled in, never past one that is not, and from the last one sends.
    private mutating func enterInForm() -> [Effect] {
        guard var dialog = reset else { return [] }
        let left = dialog.form.focus
        if left == .confirmation { return submit() }
        if let fault = dialog.fault(left, context.policy) {
            dialog.problem = fault
            dialog.form.endStraying()
            if left == .again { dialog.form.wipe(.again) }
            reset = dialog
            return []
        }
        let asked = dialog
        dialog.form.advance { asked.mustVisit($0) }
        reset = dialog
        return left == .ticket ? checkTicket(of: dialog) : []
    }

    mutating func submit() -> [Effect] {
        guard var dialog = reset else { return [] }
        defer { reset = dialog }
        if let obstacle = dialog.obstacle(context.policy) {
            dialog.problem = obstacle.text
            dialog.form.focus = obstacle.field
            if obstacle.field == .again { dialog.form.wipe(.again) }
            return []
        }
        if dialog.isProtected == nil || dialog.mustCheckTicket(context.policy) {
            dialog.isConfirmedEarly = true
            dialog.problem = Self.checking
            return checkTicket(of: dialog)
        }
        let action = dialog.action
        let request = requests.next()
        dialog.reading = nil
        dialog.submitted = action.kind
        dialog.hadValue = action.kind.value.isPIN ? dialog.account.hasVoicePIN : dialog.account.signIn == .password
        dialog.stage = .working
        dialog.work = ChangeWork(request: request, uptime: uptime)
        dialog.revealedUntil = nil
        dialog.changes = []
        dialog.top = 0
        let change = Change(account: dialog.account, action: action, context: dialog.changeContext(context.policy))
        return [
            requests.carryOut(change, as: request, progress: { $0.takeProgress(request, $1) }) {
                $0.takeChange(request, $1)
            }
        ]
    }
}

extension ResetDialog {
    /// Scrolls what does not fit; false where the key is for something else.
    mutating func scroll(_ key: Key, _ console: Console) -> Bool {
        let step =
            switch key {
            case .up, .character("k"): -1
            case .down, .character("j"): 1
            case .pageUp: -3
            case .pageDown: 3
            default: 0
            }
        top = min(max(0, top + step), lastTop(console))
        return step != 0
    }
}
