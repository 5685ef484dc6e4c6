import AccountDisplay
import AccountPolicy
import ConvonetCore
import TerminalKit

@testable import AdminConsole
@testable import ConsoleParts

/// Which keys come next: by chance alone most of the time, and now and then those with which somebody gets somewhere.
struct WalkKeys {
    /// One key, and where it must not fall elsewhere.
    struct Planned {
        let key: Key
        /// It is part of a secret: whoever types one looks at where it goes.
        var isSecret = false
    }

    var random: SeededGenerator
    private var planned: [Planned] = []
    /// The secret that is being typed.
    private(set) var typedSecret: String?

    init(seed: UInt64) { random = SeededGenerator(state: seed) }

    /// One of `count` numbers.
    mutating func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    private static let letters = "yespvlLxmouFUziwfsctaAyj?:'[]rgGCkqh /*123 éü王".map { Key.character($0) }
    private static let named: [Key] =
        [
            .enter, .enter, .enter, .tab, .backTab, .escape, .escape, .backspace, .delete, .up, .down, .down, .left,
            .right,
            .pageUp, .pageDown, .home, .end, .function(1), .function(5), .function(10), .insert, .character("\u{FFFD}"),
        ] + "cdgloruz".map { Key.control($0) }
    /// What opens a dialog, of somebody shown or selected.
    private static let changes = "ppvvlLxmouFUzi".map { Key.character($0) }

    /// The next key; the console's state decides what is worth a try.
    mutating func next(_ console: Console) -> Key {
        if let key = nextPlanned(console) { return key }
        if let dialog = console.reset { return next(in: dialog) }
        if let review = console.batch?.review { return next(in: review) }
        if let form = console.menu as? DecisionForm { return next(in: form) }
        switch chance(40) {
        case 0...3: return console.overlay == nil ? pick(Self.changes) : .enter
        case 4: return type("person0" + String(chance(10)), after: .character("/"))
        case 5: return chance(12) == 0 ? .character("V") : .character("w")
        case 6: return type(String(chance(9)), after: .control("g"))
        case 7...13: return pick([.enter, .down, .up, .enter])
        case 14...16: return .escape
        case 17...27: return pick(Self.named)
        default: return pick(Self.letters)
        }
    }

    /// What was planned holds as long as a secret would fall where it belongs.
    private mutating func nextPlanned(_ console: Console) -> Key? {
        guard !planned.isEmpty else { return nil }
        let next = planned.removeFirst()
        guard next.isSecret else { return next.key }
        let dialog = console.reset
        if dialog?.stage == .form, dialog?.form.focus == .secret || dialog?.form.focus == .again { return next.key }
        planned = []
        return nil
    }

    private mutating func next(in dialog: ResetDialog) -> Key {
        guard dialog.stage == .form else {
            return pick(chance(3) == 0 ? Self.named + Self.letters : [.escape, .enter])
        }
        let form = dialog.form
        switch (form.focus, chance(10)) {
        case (.secret, 0...6): return typeSecret(of: dialog.kind)
        case (.again, 0...6):
            return typedSecret.map { typeSecret($0) } ?? .escape
        case (.weak, 0...6): return type("weak", then: .enter)
        case (.reason, 0...4), (.ticket, 0...4):
            return type(pick(["T-12", "call 4711", "asked by phone"]), then: .enter)
        case (.confirmation, 0...6):
            let word = dialog.isNamed ? dialog.account.username : "yes"
            return type(chance(8) == 0 ? "yes" : word, then: chance(6) == 0 ? .tab : .enter)
        case (.method, 0...3): return pick([.character("1"), .character("2"), .character("3"), .right, .left])
        case (_, 0...8): return pick([.enter, .enter, .tab, .control("g"), .control("r"), .character("1"), .right])
        default: return pick(Self.named + Self.letters)
        }
    }

    private mutating func next(in review: BatchReview) -> Key {
        switch (review.stage, chance(8)) {
        case (.form, 0...2): return type("T-12 asked", then: .enter)
        case (.review, 0...4): return type("yes \(review.wanted)", then: .enter)
        case (.ended, 0...3), (.looking, _): return .escape
        case (_, 0...6): return pick([.enter, .enter, .tab, .right, .down])
        default: return pick(Self.named + Self.letters)
        }
    }

    private mutating func next(in form: DecisionForm) -> Key {
        switch (form.form.focus, chance(8)) {
        case (.decision, 0...3): return pick([.character("1"), .character("2")])
        case (.reason, 0...3): return type("known to me", then: .enter)
        case (.confirmation, 0...5): return type("yes", then: .enter)
        case (_, 0...6): return pick([.enter, .enter, .tab, .right])
        default: return pick(Self.named + Self.letters)
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[chance(values.count)] }

    private mutating func type(_ text: String, after first: Key? = nil, then last: Key? = nil) -> Key {
        plan([first].compactMap { $0 } + text.map { Key.character($0) } + [last].compactMap { $0 })
    }

    private mutating func plan(_ keys: [Key]) -> Key {
        planned = keys.dropFirst().map { Planned(key: $0) }
        return keys[0]
    }

    /// A secret of a shape that nothing else on a screen has.
    private mutating func typeSecret(of kind: ChangeKind) -> Key {
        let digits = (0..<6).map { _ in String(chance(10)) }.joined()
        return typeSecret(kind == .voicePIN ? digits : "Qz\(digits)-walrus-Teapot")
    }

    private mutating func typeSecret(_ text: String) -> Key {
        typedSecret = text
        planned = (text.dropFirst().map { Key.character($0) }).map { Planned(key: $0, isSecret: true) }
        planned.append(Planned(key: .enter, isSecret: true))
        return text.first.map { .character($0) } ?? .enter
    }
}
