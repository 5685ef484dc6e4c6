import ConvonetCore
import FoundationEssentials
public import PostgresClient
public import TerminalKit

extension Console {
    /// Takes one event and says what is to be done; pure.
    public mutating func update(_ event: LoopEvent<Answer>, now: Timestamp) -> [Effect] {
        self.now = now
        switch event {
        case .input(let input): return take(input)
        case .answer(let answer): return take(answer)
        case .tick:
            reset?.hideIfDue(now)
            return takeQuiet()
        }
    }

    /// Covers the screen and wipes what was typed as a secret when nobody has pressed a key for long enough.
    private mutating func takeQuiet() -> [Effect] {
        let stage = context.quietTime.stage(after: now.seconds(since: lastKeyAt))
        guard stage > quietStage, reset?.stage != .working else { return [] }
        quietStage = stage
        switch stage {
        case .awake: break
        case .announced: say("Nobody there? The screen is covered in \(QuietTime.notice) seconds. Press a key to stay.", .caution)
        case .covered: reset?.wipeEverySecret()
        case .ended: return [.quit]
        }
        return []
    }

    /// A key after a quiet time only uncovers the screen.
    private mutating func wakes() -> Bool {
        let wasCovered = quietStage == .covered
        if quietStage != .awake { message = nil }
        quietStage = .awake
        lastKeyAt = now
        return wasCovered
    }

    private mutating func take(_ input: Input) -> [Effect] {
        switch input {
        case .resized(let size):
            self.size = size
            return resizeList()
        case .key(let key):
            if wakes() { return [] }
            message = nil
            return take(key)
        case .paste(let text):
            if wakes() { return [] }
            message = nil
            return paste(text)
        case .terminate, .endOfInput:
            return [.quit]
        case .continued:
            return [.redraw]
        case .woken:
            return []
        }
    }

    private mutating func take(_ key: Key) -> [Effect] {
        if key == .control("l") { return [.redraw] }
        if key == .control("z") { return perform(.suspend) }
        if reset != nil { return updateReset(key) }
        if menu != nil { return updateMenu(key) }
        if person == nil, audit == nil, list.isSearching || !list.heldKeys.isEmpty { return updateSearch(key) }
        return ConsoleAction(key).map { perform($0) } ?? []
    }

    private mutating func paste(_ text: String) -> [Effect] {
        if reset != nil { return pasteIntoReset(text) }
        guard person == nil, audit == nil, list.isSearching, menu == nil else {
            say("A list takes no pasted text. Press / to search.", .caution)
            return []
        }
        list.search.paste(text)
        return searchChanged()
    }

    private mutating func take(_ answer: Answer) -> [Effect] {
        switch answer {
        case .page(let request, let result): return takePage(request, result)
        case .count(let result):
            // Without a total the list works as well; what is wrong is said by the list's own request.
            list.total = try? result.get()
            return []
        case .account(let request, let result):
            if reset?.request == request { return takeAccountForReset(result) }
            if list.rereading == request, case .success(let account?) = result { list.window.replace(account) }
            return takeAccountForPerson(request, result)
        case .history(let request, let result): return takeHistory(request, result)
        case .events(let request, let result): return takeEvents(request, result)
        case .changed(let request, let result): return takeChange(request, result)
        }
    }
}
