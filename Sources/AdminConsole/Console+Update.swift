public import ConsoleParts
public import ConsoleRequests
public import OperatingSystem
import PostgresClient
public import TerminalKit

extension Console {
    /// Takes one event and says what is to be done; pure.
    public mutating func update(_ event: LoopEvent<Answer>, now: Timestamp, uptime: Int) -> [Effect] {
        shared.now = now
        shared.uptime = uptime
        shared.effects = []
        switch event {
        case .input(let input): take(input)
        case .answer(let answer):
            shared.noteStandby(answer.isOnStandby)
            // Who asked takes it; one that nobody waits for any more is dropped.
            if let handler = shared.requests.handler(of: answer) {
                withPart(handler.part) { handler.take(&$0, answer.content, &$1) }
            }
        case .tick: checkIdleTime()
        }
        arrive()
        move()
        withAllParts { $0.settle(&$1) }
        shared.readPendingIfDue()
        shared.lookForPrimaryIfDue()
        readAnewIfDue()
        move()
        noteSeenScreen()
        return shared.effects
    }

    /// Says where one is, once, and lets no key count before that is seen: what was typed before was meant for elsewhere.
    private mutating func arrive() {
        guard let former = cameFrom, let environment = shared.context.environment else { return }
        cameFrom = nil
        shared.say("You are in \(environment.name) now. Nothing of \(former.name) is here any more.")
        shared.awaitPaint()
    }

    /// SIGHUP
    private static let hangUp: Int32 = 1

    private mutating func take(_ input: Input) {
        switch input {
        case .resized(let size):
            shared.size = size
            withAllParts { $0.resize(&$1) }
        case .key(let key):
            if wakes() || shared.isUnseen { return }
            shared.hasPressedKey = true
            shared.message = nil
            take(key)
        case .paste(let text):
            if wakes() || shared.isUnseen { return }
            shared.message = nil
            paste(text)
        case .pointer(let pointer):
            if wakes() || shared.isUnseen { return }
            shared.hasPressedKey = true
            shared.message = nil
            if !shared.isTooSmall { take(pointer) }
        case .painted: shared.isUnseen = false
        case .terminate(let signal): shared.effects.append(.quit(signal: signal))
        // The terminal is gone, with or without a signal that says so.
        case .endOfInput: shared.effects.append(.quit(signal: Self.hangUp))
        case .continued: shared.effects.append(.redraw)
        case .woken: break
        }
    }

    private mutating func take(_ key: Key) {
        // Of what is not drawn nothing is decided.
        if shared.isTooSmall {
            if key == .control("c"), overlay == nil { shared.effects.append(.quit(signal: nil)) }
            return
        }
        if key == .control("l") { return shared.effects.append(.redraw) }
        if key == .control("z") { return perform(.suspend) }
        guard let top = stack.last, withPart(top.number, { $0.take(key, &$1) }) == false else { return }
        if let action = ConsoleAction(key, on: screen) { perform(action) }
    }

    /// Lines that one step of the wheel goes.
    private static let wheelLines = 3

    /// The wheel does what the arrow keys do in lists, and scrolls dialogs; a click selects, and nothing more.
    private mutating func take(_ pointer: Pointer) {
        let isUp = pointer.act == .wheelUp
        switch pointer.act {
        case _ where pointer.act != .click && overlay == nil:
            for _ in 0..<Self.wheelLines { perform(isUp ? .up : .down) }
        case _ where pointer.act != .click && overlay?.isList == true:
            for _ in 0..<Self.wheelLines { take(isUp ? Key.up : .down) }
        case .wheelUp, .wheelDown: take(isUp ? Key.pageUp : .pageDown)
        case .click: if overlay == nil { withSeenScreen { $0.click(pointer.position, &$1) } }
        }
    }

    private mutating func paste(_ text: String) {
        guard !shared.isTooSmall, let top = stack.last, withPart(top.number, { $0.paste(text, &$1) }) == false else {
            return
        }
        guard overlay == nil else { return shared.say("Nothing can be pasted here.", .caution) }
        // Nobody pastes an address for anything but a search.
        perform(.search)
        move()
        stack.last.map { _ = withPart($0.number) { $0.paste(text, &$1) } }
    }

    /// Does what the parts want of the console, in the order in which they said so.
    mutating func move() {
        while !shared.moves.isEmpty {
            switch shared.moves.removeFirst() {
            case .open(let part, let keepsOthers): open(part, keepsOthers: keepsOthers)
            case .close: drop()
            case .endSearch(let goesBack): showHidden(goesBack: goesBack)
            case .tell(let news, let sender):
                withAllParts(except: sender) { $0.receive(news, &$1) }
                if case .changed = news { makeScreensDue() }
            case .act(let action, let kind): perform(action, as: kind)
            case .first(let body):
                goToList()
                parts.first.map { withPart($0.number, body) }
            case .press(let keys): press(keys)
            case .give(let number, let body): withPart(number) { body(&$0, &$1) }
            case .leave(let opening): leave(for: opening)
            }
        }
    }

    /// A change that was sent is seen to its end where it was made.
    private mutating func leave(for opening: Opening) {
        guard !shared.isDeciding, !parts.contains(where: { $0.part.isWriting }) else {
            return shared.say(Shared.isWritingHere, .caution)
        }
        shared.effects.append(.leave(for: opening))
    }

    mutating func open(_ part: any Part, keepsOthers: Bool = false) {
        if part is any Screen || part.speaksForScreens {
            showHidden(goesBack: false)
            withAllParts { $0.receive(.opened, &$1) }
        }
        if let person = (part as? PersonPage)?.person ?? (part as? ResetDialog)?.account { shared.remember(person) }
        put(part, keepsOthers: keepsOthers)
    }

    /// Does what kept keys say, as far as they were meant for what they meet: where the first opens nothing, or something
    /// opens that nobody has seen yet, the rest is dropped.
    private mutating func press(_ keys: [Key]) {
        let top = stack.last?.number
        for (index, key) in keys.enumerated() {
            take(.key(key))
            move()
            if shared.isUnseen || index == 0 && stack.last?.number == top { break }
        }
    }
}
