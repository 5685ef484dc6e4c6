/// The rules that look at how a PIN's digits are arranged; digits are values from 0 to 9, four to six of them.
enum PINShapes {
    static func isAllSame(_ digits: [UInt8]) -> Bool {
        for digit in digits where digit != digits[0] { return false }
        return true
    }

    /// At most one digit differs from all others.
    static func isAllButOneSame(_ digits: [UInt8]) -> Bool {
        // Of the first three digits two agree, or it is not so.
        let usual = digits[0] == digits[1] || digits[0] == digits[2] ? digits[0] : digits[1]
        var others = 0
        for digit in digits where digit != usual { others += 1 }
        return others <= 1
    }

    /// Equal steps of 1 or 2, up or down, with 0 after 9.
    static func isSteps(_ digits: [UInt8]) -> Bool {
        let step = (digits[1] + 10 - digits[0]) % 10
        guard step == 1 || step == 2 || step == 8 || step == 9 else { return false }
        for index in 2..<digits.count where (digits[index] + 10 - digits[index - 1]) % 10 != step { return false }
        return true
    }

    /// A group of two, or in six digits of three, over and over; in five digits ABABA.
    static func isPeriodic(_ digits: [UInt8]) -> Bool {
        repeats(digits, every: 2) || (digits.count == 6 && repeats(digits, every: 3))
    }

    /// Pairs one after another; in five digits, where one is left over, it may stand first, last or between.
    static func isDoubled(_ digits: [UInt8]) -> Bool {
        guard digits.count == 5 else { return isPaired(digits, from: 0, to: digits.count) }
        return isPaired(digits, from: 0, to: 4) || isPaired(digits, from: 1, to: 5)
            || (digits[0] == digits[1] && digits[3] == digits[4])
    }

    static func isPalindrome(_ digits: [UInt8]) -> Bool {
        for index in 0..<(digits.count / 2) where digits[index] != digits[digits.count - 1 - index] { return false }
        return true
    }

    private static func repeats(_ digits: [UInt8], every period: Int) -> Bool {
        for index in period..<digits.count where digits[index] != digits[index - period] { return false }
        return true
    }

    private static func isPaired(_ digits: [UInt8], from start: Int, to end: Int) -> Bool {
        var index = start
        while index < end {
            if digits[index] != digits[index + 1] { return false }
            index += 2
        }
        return true
    }
}
