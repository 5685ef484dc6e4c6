/// What makes a voice PIN easy to guess; the raw values are the names under which the database knows the rules.
public enum PINPattern: String, CaseIterable, Sendable {
    /// 4444.
    case allSame = "all_same"
    /// Every digit one or two more, or less, than the one before: 1234, 8901, 2468, 9753.
    case steps
    /// A line or a shape on the keypad: 2580, 1397, 147258.
    case keypad
    /// A year from 1900 to 2049, alone or with what is left over: 1984, 198407.
    case year
    /// A group again and again: 1212, 123123.
    case periodic
    /// Pairs of digits: 1122, 112233.
    case doubled
    /// The same from behind: 1221, 123321.
    case palindrome
    /// One digit differs from all the others: 4404.
    case allButOneSame = "all_but_one_same"
    /// A day and a month, in six digits with the year: 3112, 1231, 311284, 841231.
    case date
    /// One of the commonest PINs, though no pattern shows.
    case common

    /// The audit log's `rule`, such as `pin_all_same`.
    public var rule: String { "pin_\(rawValue)" }

    /// What is wrong with the PIN and how to do better.
    public var message: String {
        let better = "Issue one instead, or choose unrelated digits."
        switch self {
        case .allSame: return "All digits are the same. \(better)"
        case .steps: return "The digits count up or down in equal steps. \(better)"
        case .keypad: return "The digits form a line or a shape on the keypad. \(better)"
        case .year: return "It contains a year. \(better)"
        case .periodic: return "The digits repeat. \(better)"
        case .doubled: return "The digits come in pairs. \(better)"
        case .palindrome: return "It reads the same backwards. \(better)"
        case .allButOneSame: return "All digits but one are the same. \(better)"
        case .date: return "It is a date, or looks like one. \(better)"
        case .common: return "It is one of the most common PINs. \(better)"
        }
    }
}
