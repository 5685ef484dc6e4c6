import TerminalKit

/// What sequences of bytes a terminal sends for its keys.
struct KeySequences {
    private let keys: [[UInt8]: Key]
    private let beginnings: Set<[UInt8]>

    /// `described` comes from the terminal's own description and goes before the usual ones.
    init(described: [[UInt8]: Key] = [:]) {
        // A single byte is a control character or a letter, whatever a description may say.
        keys = described.filter { $0.key.count > 1 && $0.key.first == 0x1B }
        var beginnings: Set<[UInt8]> = []
        for sequence in keys.keys { for end in 1..<sequence.count { beginnings.insert(Array(sequence[..<end])) } }
        self.beginnings = beginnings
    }

    func key(for sequence: [UInt8]) -> Key? { keys[sequence] }

    func isBeginning(_ sequence: [UInt8]) -> Bool { beginnings.contains(sequence) }

    /// Capabilities of terminfo and the keys that they name.
    static let capabilities: [(name: String, key: Key)] =
        [
            ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("khome", .home), ("kend", .end),
            ("kpp", .pageUp), ("knp", .pageDown), ("kich1", .insert), ("kdch1", .delete), ("kcbt", .backTab),
            ("kent", .enter),
        ] + (1...12).map { ("kf\($0)", .function($0)) }

    /// The key of a control sequence (ESC [ numbers final), with the modifiers of keys without a character ignored; nil for
    /// a sequence without one, and for a key that was let go.
    static func key(final: UInt8, numbers: SequenceNumbers) -> Key? {
        let event = numbers[1, 1] ?? 1
        switch final {
        case UInt8(ascii: "u"):
            guard let code = numbers[0, 0] else { return nil }
            return ModifiedKey.key(
                code: code, shifted: numbers[0, 1], modifiers: numbers[1, 0] ?? 1, event: event)
        case UInt8(ascii: "~") where numbers.count == 3 && numbers[0, 0] == 27:
            guard let code = numbers[2, 0] else { return nil }
            return ModifiedKey.key(code: code, modifiers: numbers[1, 0] ?? 1)
        default: return event == 3 ? nil : key(final: final, first: numbers[0, 0])
        }
    }

    private static func key(final: UInt8, first: Int?) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "Z"): .backTab
        // With another first number, ESC [ … R is a report of where the cursor stands.
        case UInt8(ascii: "P")...UInt8(ascii: "S") where first ?? 1 == 1:
            .function(Int(final - UInt8(ascii: "P")) + 1)
        // rxvt ends the sequence so with Shift, Ctrl and both.
        case UInt8(ascii: "~"), UInt8(ascii: "$"), UInt8(ascii: "^"), UInt8(ascii: "@"): key(number: first ?? 0)
        default: nil
        }
    }

    /// The key of ESC O and one more: what a key pad sends, digits too.
    static func keyPad(final: UInt8) -> Key? {
        switch final {
        case UInt8(ascii: "M"): .enter
        case UInt8(ascii: "I"): .tab
        case UInt8(ascii: " "): .character(" ")
        case UInt8(ascii: "X"): .character("=")
        case UInt8(ascii: "j")...UInt8(ascii: "y"): .character(Character(Unicode.Scalar(final - 0x40)))
        default: key(final: final, first: nil)
        }
    }

    private static func key(number: Int) -> Key? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23, 24: .function(number - 12)
        default: nil
        }
    }
}
