import AccountDisplay
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import TerminalKit

extension BatchDialog {
    var isWriting: Bool { stage == .running }
    var speaksForScreens: Bool { true }

    mutating func begin(_ shared: inout Shared) { shared.awaitPaint() }

    mutating func receive(_ news: News, _ shared: inout Shared) {
        if case .newPolicy = news, stage == .form { setFields(shared.context.policy) }
    }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        let isLeaving = key == .escape || key == .control("c")
        switch stage {
        case .form where isLeaving:
            shared.close()
            shared.say("Cancelled. Nothing was changed; \(Marks.words(people.count)) marked.")
        case .form where key == .enter: enter(&shared)
        case .form where scroll(key, shared): break
        case .form:
            problem = nil
            take(form.apply(key, fault: fault), shared)
        case .looking: if isLeaving { goBack(&shared) }
        case .review where isLeaving: goBack(&shared)
        case .review where key == .enter: confirm(&shared)
        case .review where scroll(key, shared, lines: true): break
        case .review:
            problem = nil
            _ = word.apply(key) { _ in nil }
        case .running: if isLeaving { isStopping = true }
        case .ended where isLeaving || key == .enter: close(&shared)
        case .ended: _ = scroll(key, shared, lines: true)
        }
        return true
    }

    mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        if stage == .form { take(form.paste(text), shared) }
        return true
    }

    private mutating func take(_ outcome: Form<Field>.Outcome, _ shared: Shared) {
        switch outcome {
        case .refused(let reason): problem = reason
        case .edited where form.focus == .action: setFields(shared.context.policy)
        case .moved(let left): problem = fault(left)
        case .edited, .ignored: break
        }
    }

    /// On to the next field, and from the last one to what would become of each.
    private mutating func enter(_ shared: inout Shared) {
        if let fault = fault(form.focus) { return problem = fault }
        guard form.focus == .ticket else { return form.advance { _ in true } }
        if let missing = form.firstFault(fault) { return (form.focus, problem) = (missing.field, missing.text) }
        look(&shared)
    }

    private mutating func goBack(_ shared: inout Shared) {
        shared.stop(BatchLook.lane)
        (stage, batch, problem, top) = (.form, nil, nil, 0)
    }

    /// Reads everybody as they are now, and finds out what would become of each.
    private mutating func look(_ shared: inout Shared) {
        (stage, problem, done, top, changed) = (.looking, nil, 0, 0, [:])
        ask(AccountsQuery(ids: people.map(\.id)), &shared) { dialog, result, shared in
            switch result {
            case .failure(let error): dialog.fail(error)
            case .success(let found): dialog.take(found, &shared)
            }
        }
    }

    private mutating func take(_ found: [Account], _ shared: inout Shared) {
        let now = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        let accounts = people.map { now[$0.id] ?? $0 }
        for (before, account) in zip(people, accounts) {
            let changes = AccountChanges.between(before, account, now: shared.now)
            if !changes.isEmpty { changed[account.id] = "Since marked: " + changes.joined(separator: "; ") }
        }
        // Each review is a batch of its own: what was done to the same people before is no part of it.
        batch = AccountChange.Action(forMany: action.optionName).map {
            Batch(
                accounts.enumerated().map { ($0.offset + 1, $0.element) }, action: $0,
                context: context(shared.context.policy), name: "console \(shared.now.microseconds)",
                user: shared.context.viewer.databaseUser)
        }
        lookAtNext(&shared)
    }

    private mutating func lookAtNext(_ shared: inout Shared) {
        guard let batch else { return }
        if case .refused(_, let message) = batch.ending {
            (stage, problem, self.batch) = (.form, message, nil)
            return shared.awaitPaint()
        }
        guard done < batch.rows.count else {
            stage = .review
            word = Self.word(for: wanted)
            return shared.awaitPaint()
        }
        let place = done
        ask(BatchLook(row: batch.rows[place], batch: batch), &shared) { dialog, result, shared in
            switch result {
            case .failure(let error): dialog.fail(error)
            case .success(let row):
                dialog.batch?.take(row, at: place)
                dialog.done += 1
                dialog.lookAtNext(&shared)
            }
        }
    }

    private mutating func fail(_ error: AdminError) {
        (stage, batch, problem) = (.form, nil, error.description)
    }

    private mutating func confirm(_ shared: inout Shared) {
        guard let batch, wanted > 0 else { return }
        guard word.text(.confirmation) == "yes \(wanted)" else {
            return problem = "Type yes \(wanted), with the number, to confirm."
        }
        (stage, problem, done, top, accepted) = (.running, nil, 0, 0, batch.accepted)
        isStopping = false
        carryOutNext(&shared)
    }

    private mutating func carryOutNext(_ shared: inout Shared) {
        if isStopping { batch?.stop() }
        guard let batch, batch.ending == nil, done < accepted.count else {
            self.batch?.leaveRest()
            (stage, problem) = (.ended, nil)
            return shared.awaitPaint()
        }
        let place = accepted[done]
        let step = BatchStep(row: batch.rows[place], batch: batch)
        ask(step, &shared, progress: { dialog, words, _ in dialog.problem = words }) { dialog, result, shared in
            guard case .success(let row) = result else { return }
            dialog.problem = nil
            dialog.batch?.take(row, at: place)
            dialog.done += 1
            dialog.carryOutNext(&shared)
        }
    }

    private func close(_ shared: inout Shared) {
        shared.close()
        guard let batch else { return }
        shared.moves.append(
            .give(to: opener) { part, shared in
                guard var list = part as? AccountList else { return }
                list.take(batch, &shared)
                part = list
            })
        shared.readPending()
    }

    /// Scrolls the people; `lines`: also by the keys that a form would take.
    private mutating func scroll(_ key: Key, _ shared: Shared, lines: Bool = false) -> Bool {
        let (last, page) = dialog(shared.size).scrolling(shared.size)
        let step =
            switch key {
            case .pageUp: -page
            case .pageDown: page
            case .up where lines: -1
            case .down where lines: 1
            default: 0
            }
        top = max(0, min(top + step, last))
        return step != 0
    }
}
