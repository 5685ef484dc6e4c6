package import AdminConsole
package import ConsoleParts
package import ConsoleRequests
package import OperatingSystem
package import TerminalKit

/// The console as it is told line by line: the same model, with a few keys that only one who does not see it needs.
package struct LinearModel: ConsoleModel, Sendable {
    package private(set) var console: Console
    /// The number of a line, as far as it is typed.
    private var number = ""
    private var keysPressed = 0
    private var keysAsked = 0
    /// What came of a key that the console did not get.
    private var refusal: String?
    /// When something was typed last, by the clock of `update`; nil where what follows from it was said.
    private var typedAt: Int?
    private var uptime = 0

    /// Room for everything that a screen can have to say, and too little for a second one beside the list.
    private static let size = Size(columns: 100, rows: 200)
    /// Milliseconds without a key after which somebody who types hears what follows from it.
    private static let pause = 1000

    package init(_ console: Console) { self.console = console }

    package var title: String { console.title }

    package var nextTick: Int? {
        [console.nextTick, typedAt.map { max(1, $0 + Self.pause - uptime) }].compactMap { $0 }.min()
    }

    package func view(_ size: Size) -> Spoken {
        var spoken = console.spoken
        spoken.keysPressed = keysPressed
        spoken.keysAsked = keysAsked
        spoken.isHeld = typedAt != nil
        // What is typed as a secret is never shown here.
        if spoken.focus != nil { spoken.keys.removeAll { $0.key == "Ctrl-R" } }
        if let space = spoken.keys.firstIndex(where: { $0.key == "Space" }), !spoken.secrets.isEmpty {
            spoken.keys[space].label = "next line"
        }
        if !number.isEmpty { spoken.focus = Spoken.Focus("Number", .text(number, cursor: number.count)) }
        spoken.alerts += [refusal].compactMap { $0 }
        return spoken
    }

    package mutating func update(_ event: LoopEvent<Answer>, now: Timestamp, uptime: Int) -> [Effect] {
        self.uptime = uptime
        if let typedAt, uptime >= typedAt + Self.pause { self.typedAt = nil }
        switch event {
        // What is said has no size.
        case .input(.resized): return console.update(.input(.resized(Self.size)), now: now, uptime: uptime)
        case .input(.key(let key)): return take(key) { $0.update(.input(.key($1)), now: now, uptime: uptime) }
        case .input(.paste):
            keysPressed += 1
            (refusal, typedAt, number) = (nil, nil, "")
            return console.update(event, now: now, uptime: uptime)
        default: return console.update(event, now: now, uptime: uptime)
        }
    }

    /// Takes a key, or has the console take it, or others in its place.
    private mutating func take(_ key: Key, _ press: (inout Console, Key) -> [Effect]) -> [Effect] {
        let before = console.spoken
        keysPressed += 1
        refusal = nil
        if takeNumber(key, before) { return [] }
        if let target = chosenLine(key, before) {
            guard let numbers = before.numbers, numbers.range.contains(target) else {
                refusal = "There is no line \(target) here."
                return []
            }
            let steps = target - numbers.selected
            let keys = Array(repeating: steps > 0 ? Key.down : .up, count: abs(steps)) + [.enter]
            return keys.flatMap { press(&console, $0) }
        }
        switch key {
        case .character("?") where before.isDialog && !before.takesText, .function(1) where before.isDialog:
            keysAsked += 1
            return []
        case .control("r") where before.focus != nil && before.keys.contains { $0.key == "Ctrl-R" }:
            refusal = "What is typed as a secret is not shown: your terminal would keep it."
            return []
        case .character(" ") where !before.secrets.isEmpty:
            let effects = press(&console, .down)
            if console.spoken.secrets == before.secrets { refusal = "That was the last line." }
            return effects
        default: break
        }
        let effects = press(&console, key)
        let after = console.spoken
        typedAt =
            after.part == before.part && after.takesText && after.focus?.label == before.focus?.label
                && after.focus != before.focus ? uptime : nil
        return effects
    }

    /// Takes a key of a number that leads to a line; false where it is none.
    private mutating func takeNumber(_ key: Key, _ before: Spoken) -> Bool {
        guard before.numbers != nil, !before.isDialog, !before.takesText else { return false }
        switch key {
        case .character(let digit) where digit.isASCII && digit.isNumber && number.count < 7: number.append(digit)
        case .backspace where !number.isEmpty: number.removeLast()
        case .escape where !number.isEmpty: number = ""
        default: return false
        }
        return true
    }

    /// The number that was typed, if this key ends it.
    private mutating func chosenLine(_ key: Key, _ before: Spoken) -> Int? {
        defer { number = "" }
        return key == .enter && before.numbers != nil ? Int(number) : nil
    }
}
