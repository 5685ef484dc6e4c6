/// Which voice PINs are too easy to guess: about 15 % of those with four digits, and 11 % of those with six.
///
/// The rules are known to all; the gain is that the most probable tenth is out. The same rules serve as one types and,
/// written to a table, inside the database.
public enum PINRules {
    /// The numbers of digits that the phone line takes.
    public static let lengthRange = 4...6

    /// The first rule that the PIN meets, in the order of ``PINPattern``, the plainest first; nil where it is not weak.
    public static func weakness(of pin: VoicePIN) -> PINPattern? {
        pin.secret.withBytes { bytes in
            var digits = bytes.indices.map { bytes[$0] - 0x30 }
            defer {
                for index in digits.indices { digits[index] = 0 }
            }
            return weakness(of: digits)
        }
    }

    /// Every PIN of a length in ``lengthRange`` that a rule refuses, in rising order, with the first such rule.
    ///
    /// It tries them all: a million for six digits, which takes seconds in a debug build. Other lengths give none.
    public static func refused(length: Int) -> [(pin: String, pattern: PINPattern)] {
        var result: [(pin: String, pattern: PINPattern)] = []
        forEachPIN(length: length) { digits in
            if let pattern = weakness(of: digits) {
                result.append((String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self), pattern))
            }
        }
        return result
    }

    static func weakness(of digits: [UInt8]) -> PINPattern? {
        for pattern in order where matches(digits, pattern) { return pattern }
        return nil
    }

    private static let order = PINPattern.allCases

    static func matches(_ digits: [UInt8], _ pattern: PINPattern) -> Bool {
        switch pattern {
        case .allSame: PINShapes.isAllSame(digits)
        case .steps: PINShapes.isSteps(digits)
        case .keypad: PINKeypad.shapes.contains(PINKeypad.key(digits))
        case .year: PINDates.hasYear(digits)
        case .periodic: PINShapes.isPeriodic(digits)
        case .doubled: PINShapes.isDoubled(digits)
        case .palindrome: PINShapes.isPalindrome(digits)
        case .allButOneSame: PINShapes.isAllButOneSame(digits)
        case .date: PINDates.isDate(digits)
        case .common: PINCommon.keys.contains(PINKeypad.key(digits))
        }
    }

    static func forEachPIN(length: Int, _ body: ([UInt8]) -> Void) {
        guard lengthRange.contains(length) else { return }
        var digits = [UInt8](repeating: 0, count: length)
        while true {
            body(digits)
            var place = length - 1
            while digits[place] == 9 {
                digits[place] = 0
                if place == 0 { return }
                place -= 1
            }
            digits[place] += 1
        }
    }
}
