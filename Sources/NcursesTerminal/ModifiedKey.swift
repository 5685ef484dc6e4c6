import TerminalKit

/// A key that a terminal reports by its code and its modifiers, as it does where another program has left that on:
/// `ESC [ code ; modifiers u` (CSI u) and `ESC [ 27 ; modifiers ; code ~` (modifyOtherKeys).
enum ModifiedKey {
    /// The key; nil where it is nobody's, such as one with Alt, or one that was let go.
    static func key(code: Int, shifted: Int? = nil, modifiers: Int, event: Int = 1) -> Key? {
        guard event != 3, modifiers >= 1 else { return nil }
        let bits = modifiers - 1
        let (shift, control) = (bits & 1 != 0, bits & 4 != 0)
        // Alt, Super, Hyper and Meta.
        guard bits & 0b111010 == 0 else { return nil }
        switch code {
        // 57414 is the key pad's.
        case 13, 57414: return .enter
        case 27: return .escape
        case 9: return shift ? .backTab : .tab
        case 8, 127: return .backspace
        default: break
        }
        guard code >= 0x20, !(57344...63743).contains(code),
            let number = UInt32(exactly: shift ? shifted ?? upper(code) : code), let scalar = Unicode.Scalar(number),
            scalar.properties.generalCategory != .control
        else { return nil }
        return control ? self.control(scalar) : .character(Character(scalar))
    }

    private static func upper(_ code: Int) -> Int { (0x61...0x7A).contains(code) ? code - 0x20 : code }

    /// Ctrl and some characters are other keys, as they always were.
    private static func control(_ scalar: Unicode.Scalar) -> Key? {
        switch Character(scalar).lowercased() {
        case "[": .escape
        case "m": .enter
        case "i": .tab
        case "h": .backspace
        case let text where scalar.isASCII: .control(Character(text))
        default: nil
        }
    }
}

/// The numbers of a control sequence: separated by semicolons, and of each more than one, separated by colons.
struct SequenceNumbers {
    /// nil stands for one that was left out.
    private let numbers: [[Int?]]

    /// nil where there is anything but numbers.
    init?(_ parameters: some StringProtocol) {
        var numbers: [[Int?]] = []
        for part in parameters.split(separator: ";", omittingEmptySubsequences: false) {
            var group: [Int?] = []
            for text in part.split(separator: ":", omittingEmptySubsequences: false) {
                guard text.isEmpty || Int(text) != nil else { return nil }
                group.append(Int(text))
            }
            numbers.append(group)
        }
        self.numbers = parameters.isEmpty ? [] : numbers
    }

    var count: Int { numbers.count }

    /// The number at a place, and within that at another; nil where it was left out.
    subscript(place: Int, sub: Int) -> Int? {
        guard place < numbers.count, sub < numbers[place].count else { return nil }
        return numbers[place][sub]
    }

    /// Whether every place has a number, and but one.
    var arePlain: Bool { numbers.allSatisfy { $0.count == 1 && $0[0] != nil } }
}
