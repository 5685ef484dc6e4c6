import ConvonetCore
import FoundationEssentials
public import PostgresClient
public import TerminalKit

extension Console {
    /// Takes one event and says what is to be done; pure.
    public mutating func update(_ event: LoopEvent<Answer>, now: Timestamp, uptime: Int) -> [Effect] {
        self.now = now
        self.uptime = uptime
        var effects: [Effect]
        switch event {
        case .input(let input): effects = take(input)
        case .answer(let answer): effects = take(answer)
        case .tick:
            reset?.hideIfDue(uptime)
            reset?.work?.lookAtTime(uptime)
            effects = takeQuiet() + reconnectIfDue() + readPendingIfDue() + readPreviewIfDue()
        }
        followSelection()
        effects += readTeamsIfShown()
        // What is typed before that was seen was typed for something else.
        if effects.contains(.awaitPaint) { isUnseen = true }
        return effects
    }

    /// SIGHUP
    private static let hangUp: Int32 = 1

    /// After a line that dropped, what became of the last change.
    mutating func takeOwnChanges(_ result: Result<[RecentChange], AdminError>) -> [Effect] {
        // It is told only where nothing else is being said yet; without the right to ask there is nothing to tell.
        guard message == nil, let change = try? result.get().first else { return [] }
        let entry = change.entry
        say(
            "Your last change: \(ActionName.words(entry.action)) for \(change.accountEmail ?? "somebody"), "
                + "\(entry.outcome)\(entry.rule.map { " (\(RuleName.words($0)))" } ?? ""), \(Age.ago(entry.occurredAt, now: now)); "
                + "receipt \(entry.sequence).", entry.outcome == "done" ? .accent : .caution)
        return []
    }

    private mutating func take(_ input: Input) -> [Effect] {
        switch input {
        case .resized(let size):
            self.size = size
            return resizeList() + resizeAudit() + resizeApprovals()
        case .key(let key):
            if wakes() || isUnseen { return [] }
            hasPressedKey = true
            message = nil
            return take(key)
        case .paste(let text):
            if wakes() || isUnseen { return [] }
            message = nil
            return paste(text)
        case .painted:
            isUnseen = false
            return []
        case .terminate(let signal): return [.quit(signal: signal)]
        // The terminal is gone, with or without a signal that says so.
        case .endOfInput: return [.quit(signal: Self.hangUp)]
        case .continued:
            return [.redraw]
        case .woken:
            return []
        }
    }

    private mutating func take(_ key: Key) -> [Effect] {
        // Of what is not drawn nothing is decided.
        guard size.columns >= Self.smallest.columns, size.rows >= Self.smallest.rows else {
            return key == .control("c") && reset == nil && menu == nil ? [.quit(signal: nil)] : []
        }
        if key == .control("l") { return [.redraw] }
        if key == .control("z") { return perform(.suspend) }
        if reset != nil { return updateReset(key) }
        if menu != nil { return updateMenu(key) }
        if opened.isEmpty {
            if list.mustWait(key) { return hold(key) }
            if list.isSearching { return updateSearch(key) }
        }
        return ConsoleAction(key).map { perform($0) } ?? []
    }

    private mutating func paste(_ text: String) -> [Effect] {
        guard size.columns >= Self.smallest.columns, size.rows >= Self.smallest.rows else { return [] }
        if reset != nil { return pasteIntoReset(text) }
        // What was typed before it still waits, and it would overtake that.
        guard list.heldKeys.isEmpty else { return [] }
        if menu != nil { return pasteIntoMenu(text) }
        guard opened.isEmpty, list.isSearching else {
            say("To paste, press / first: it starts a search.", .caution)
            return []
        }
        list.search.paste(text)
        return searchChanged()
    }

    private mutating func take(_ answer: Answer) -> [Effect] {
        requests.taker(of: answer)?(&self, answer.content) ?? []
    }

    mutating func keep(_ columns: [AccountColumn]) -> Effect {
        let request = requests.next()
        requests.expect(request, progress: { (_, _: Never) in }) { (console, problem: Result<String?, AdminError>) in
            if let problem = (try? problem.get()) ?? nil { console.say(problem, .caution) }
            return []
        }
        return .keepColumns(request: request, columns.map(\.rawValue))
    }
}
