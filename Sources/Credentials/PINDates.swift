/// The rules that find dates and years in a PIN.
enum PINDates {
    /// Four digits: day and month in either order. Five: the same and any last digit, a year's. Six: day, month and year
    /// of two digits, as DDMMYY, MMDDYY or YYMMDD.
    ///
    /// The 29th of February is a date in every year, for who guesses does not look it up.
    static func isDate(_ digits: [UInt8]) -> Bool {
        let (first, second) = (pair(digits, 0), pair(digits, 2))
        if isDay(first, ofMonth: second) || isDay(second, ofMonth: first) { return true }
        return digits.count == 6 && isDay(pair(digits, 4), ofMonth: second)
    }

    /// A year from 1900 to 2049 at the beginning or at the end.
    static func hasYear(_ digits: [UInt8]) -> Bool {
        isYear(digits, at: 0) || isYear(digits, at: digits.count - 4)
    }

    private static func isDay(_ day: Int, ofMonth month: Int) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        return day <= (month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31)
    }

    private static func isYear(_ digits: [UInt8], at start: Int) -> Bool {
        let century = pair(digits, start)
        return century == 19 || (century == 20 && digits[start + 2] < 5)
    }

    private static func pair(_ digits: [UInt8], _ index: Int) -> Int {
        Int(digits[index]) * 10 + Int(digits[index + 1])
    }
}
