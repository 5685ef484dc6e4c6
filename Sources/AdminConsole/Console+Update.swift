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
            return []
        }
    }

    private mutating func take(_ input: Input) -> [Effect] {
        switch input {
        case .resized(let size):
            self.size = size
            return resizeList()
        case .key(let key):
            message = nil
            return take(key)
        case .paste(let text):
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
        switch key {
        case .control("l"): return [.redraw]
        case .control("z"): return [.suspend]
        default: break
        }
        if reset != nil { return updateReset(key) }
        if help != nil { return updateHelp(key) }
        if person == nil, list.mustWait(key) { return hold(key) }
        if !list.isSearching || person != nil {
            switch key {
            case .character("?"), .character(":"), .function(1):
                help = HelpPage()
                return []
            case .character("/"):
                person = nil
                return beginSearch()
            case .character("p"): return openReset(.password)
            case .character("v"): return openReset(.voicePIN)
            default: break
            }
        }
        return person == nil ? updateList(key) : updatePerson(key)
    }

    private mutating func paste(_ text: String) -> [Effect] {
        message = nil
        if reset != nil { return pasteIntoReset(text) }
        // What was typed before it still waits, and it would overtake that.
        guard list.heldKeys.isEmpty else { return [] }
        guard person == nil, list.isSearching, help == nil else {
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
            if list.rereading == request { return takeAccountForList(result) }
            return takeAccountForPerson(request, result)
        case .history(let request, let result): return takeHistory(request, result)
        case .changed(let request, let result): return takeChange(request, result)
        }
    }
}
