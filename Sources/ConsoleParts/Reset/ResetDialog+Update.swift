import AccountDisplay
import ConsoleRequests
import ConvonetCore
import PostgresClient
package import TerminalKit

extension ResetDialog {
    package var isWriting: Bool { stage == .working }
    package var speaksForScreens: Bool { true }

    /// The list may be old: what the operator confirms is read anew.
    package mutating func begin(_ shared: inout Shared) {
        readAccount(&shared)
        shared.awaitPaint()
        checkTicket(&shared)
    }

    package mutating func receive(_ news: News, _ shared: inout Shared) {
        switch news {
        case .newPolicy(let before): adapt(from: before, &shared)
        case .approvalsChanged where stage == .form && !shared.requests.isAwaiting(DossierQuery.Reader.dialog.lane):
            readAccount(&shared)
        default: break
        }
    }

    package mutating func settle(_ shared: inout Shared) {
        hideIfDue(shared.uptime)
    }

    package func nextMoment(_ shared: Shared) -> Int? {
        let slowFrom = work.flatMap { $0.isSlow(shared.uptime) ? nil : $0.slowFrom }
        let left = stage == .form ? shared.nextCountdown(facts?.deadlines ?? []) : nil
        return [revealedUntil, nextCountdown(shared.uptime), slowFrom, left].compactMap { $0 }.min()
    }

    package mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        let isLeaving = key == .escape || key == .control("c")
        switch stage {
        case .working: if isLeaving { stopWaiting(&shared) }
        case .receipt(let result, let closing): updateReceipt(result, closing, key, &shared)
        case .ended where isLeaving: close(&shared)
        case .ended(let result) where key == .enter && result.outcome == .failed: stage = .form
        case .ended where key == .character("t"): shared.moves.append(.act(.times))
        case .ended: _ = scroll(key, shared)
        case .gone:
            guard isLeaving else { break }
            shared.close()
            shared.tell(.gone([account.id]))
        case .form: updateForm(key, &shared)
        }
        return true
    }

    /// Closes it after a change, or one that is not known to have ended.
    package mutating func close(_ shared: inout Shared) {
        leaveChange(&shared)
        shared.lastFields = carried(isCancelled: false)
        shared.close()
        shared.tell(.changed(account))
        shared.readPending()
    }

    private mutating func updateForm(_ key: Key, _ shared: inout Shared) {
        problem = nil
        isConfirmedEarly = false
        switch key {
        case .escape, .control("c"):
            shared.lastFields = carried(isCancelled: !wasAnswered)
            shared.close()
            shared.say(
                asked == nil ? "Cancelled. Nothing was changed." : "Closed. w shows what became of your request.")
            if asked != nil { shared.readPending() }
        case .control("g") where canMakeUp:
            chooseFirst()
            form.setText(.confirmation, "")
            refreshFields(shared.context.policy)
            form.focus = .method
            // Chosen is chosen: on to what is still to be filled in.
            advance()
        case .control("r"):
            if chosen.value.isMasked {
                revealedUntil = revealedUntil == nil ? shared.uptime + ResetDialog.revealedTime : nil
            }
        case .enter: enter(&shared)
        default:
            let (asked, policy) = (self, shared.context.policy)
            take(form.apply(key) { asked.fault($0, policy) }, &shared)
        }
    }

    private mutating func advance() {
        let asked = self
        form.advance { asked.mustVisit($0) }
    }

    package mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        guard stage == .form else { return true }
        problem = nil
        take(form.paste(text), &shared)
        return true
    }

    private mutating func take(_ outcome: Form<Field>.Outcome, _ shared: inout Shared) {
        switch outcome {
        case .ignored: break
        case .refused(let reason): problem = reason
        case .edited:
            if form.focus == .method { wipeSecrets() }
            if form.focus == .ticket { wrongTicket = nil }
            assess(shared.context)
        case .moved(let left):
            // A field is checked when it is left, and not before anything was filled in behind it.
            if left != .confirmation { problem = fault(left, shared.context.policy) }
            if left == .ticket { checkTicket(&shared) }
        }
    }

    /// Asks whether the policy takes the ticket, where it asks for a form.
    private func checkTicket(_ shared: inout Shared) {
        guard mustCheckTicket(shared.context.policy) else { return }
        let ticket = form.text(.ticket)
        ask(TicketQuery(ticket: ticket), &shared) { dialog, result, shared in
            // Good where that could not be found out, for the database decides.
            dialog.take(ticket, isGood: (try? result.get()) ?? true, &shared)
        }
    }

    private mutating func take(_ ticket: String, isGood: Bool, _ shared: inout Shared) {
        guard stage == .form, form.text(.ticket) == ticket else { return }
        wrongTicket = isGood ? nil : ticket
        goodTicket = isGood ? ticket : nil
        let isConfirmed = isConfirmedEarly
        isConfirmedEarly = false
        if problem == Self.checking { problem = nil }
        if !isGood { problem = fault(.ticket, shared.context.policy) }
        if isConfirmed, isGood { submit(&shared) }
    }

    /// Enter goes to the next field that must be filled in, never past one that is not, and from the last one sends.
    private mutating func enter(_ shared: inout Shared) {
        let left = form.focus
        if left == .confirmation { return submit(&shared) }
        if let fault = fault(left, shared.context.policy) {
            problem = fault
            form.endStraying()
            if left == .again { form.wipe(.again) }
            return
        }
        advance()
        if left == .ticket { checkTicket(&shared) }
    }

    package mutating func submit(_ shared: inout Shared) {
        let policy = shared.context.policy
        if let obstacle = obstacle(policy) {
            problem = obstacle.text
            form.focus = obstacle.field
            if obstacle.field == .again { form.wipe(.again) }
            return
        }
        if isProtected == nil || mustCheckTicket(policy) {
            isConfirmedEarly = true
            problem = Self.checking
            return checkTicket(&shared)
        }
        let action = action
        shared.stop(DossierQuery.Reader.dialog.lane)
        submitted = action.kind
        decision = nil
        before = account
        stage = .working
        revealedUntil = nil
        changes = []
        top = 0
        let change = Change(account: account, action: action, context: changeContext(policy))
        let request = ask(change, &shared, progress: { dialog, progress, _ in dialog.work?.progress = progress }) {
            $0.take($1, &$2)
        }
        work = ChangeWork(request: request, uptime: shared.uptime)
    }

    /// Scrolls what does not fit; false where the key is for something else.
    package mutating func scroll(_ key: Key, _ shared: Shared) -> Bool {
        let step =
            switch key {
            case .up, .character("k"): -1
            case .down, .character("j"): 1
            case .pageUp: -3
            case .pageDown: 3
            default: 0
            }
        top = min(max(0, top + step), lastTop(shared))
        return step != 0
    }
}
