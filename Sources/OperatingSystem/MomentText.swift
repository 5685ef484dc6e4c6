import Glibc

/// A moment as people write it: RFC 3339, a date of this machine's zone, or so long ago.
public enum MomentText: Equatable, Sendable {
    /// A moment.
    case moment(Timestamp)
    /// A whole day.
    case date(year: Int32, month: Int32, day: Int32)
    /// So long before now.
    case ago(microseconds: Int64)

    /// Reads `2026-01-31T09:30:00Z` (also with an offset and a fraction), `2026-01-31`, `7d`, `24h` or `30m`; nil else.
    public init?(parsing text: String) {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        if let ago = Self.parseAgo(text) {
            self = .ago(microseconds: ago)
            return
        }
        var rest = text[...]
        guard let year = Self.number(&rest, digits: 4), Self.skip("-", &rest),
            let month = Self.number(&rest, digits: 2),
            Self.skip("-", &rest), let day = Self.number(&rest, digits: 2), Self.isDate(year, month, day)
        else { return nil }
        if rest.isEmpty {
            self = .date(year: year, month: month, day: day)
            return
        }
        guard let moment = Self.parseTime(rest, year, month, day) else { return nil }
        self = .moment(moment)
    }

    /// What is said of a text that is no time; `option` is where it was given.
    public static func complaint(_ option: String) -> String {
        "\(option) must be a time, such as 2026-01-31, 2026-01-31T09:30:00Z, 7d, 24h or 30m."
    }

    /// The moment, or the first of the date.
    public func beginning(now: Timestamp) -> Timestamp { resolve(now, daysLater: 0) }

    /// The moment, or the first of the day after the date.
    public func end(now: Timestamp) -> Timestamp { resolve(now, daysLater: 1) }

    private func resolve(_ now: Timestamp, daysLater: Int32) -> Timestamp {
        switch self {
        case .moment(let moment): return moment
        case .ago(let microseconds): return Timestamp(microseconds: now.microseconds - microseconds)
        case .date(let year, let month, let day):
            var time = tm()
            (time.tm_year, time.tm_mon, time.tm_mday) = (year - 1900, month - 1, day + daysLater)
            time.tm_isdst = -1
            return Timestamp(microseconds: Int64(mktime(&time)) * 1_000_000)
        }
    }

    private static func parseAgo(_ text: String) -> Int64? {
        let seconds: [Character: Int64] = ["d": 86_400, "h": 3600, "m": 60]
        guard let unit = text.last.flatMap({ seconds[$0] }), text.dropLast().allSatisfy(\.isWholeNumber),
            let number = Int64(text.dropLast()), number <= 1_000_000
        else { return nil }
        return number * unit * 1_000_000
    }

    private static func parseTime(_ text: Substring, _ year: Int32, _ month: Int32, _ day: Int32) -> Timestamp? {
        var rest = text
        guard skip("T", &rest) || skip("t", &rest) || skip(" ", &rest), let hour = number(&rest, digits: 2),
            skip(":", &rest),
            let minute = number(&rest, digits: 2), skip(":", &rest), let second = number(&rest, digits: 2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(".", &rest) {
            let digits = rest.prefix { $0.isWholeNumber }
            guard !digits.isEmpty, let value = Int64((digits + "00000").prefix(6)) else { return nil }
            fraction = value
            rest = rest[digits.endIndex...]
        }
        var offset: Int64 = 0
        if !(skip("Z", &rest) || skip("z", &rest)) {
            let isWest = rest.first == "-"
            guard skip("+", &rest) || skip("-", &rest), let hours = number(&rest, digits: 2), skip(":", &rest),
                let minutes = number(&rest, digits: 2), hours < 24, minutes < 60
            else { return nil }
            offset = Int64(hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (year - 1900, month - 1, day)
        (time.tm_hour, time.tm_min, time.tm_sec) = (hour, minute, second)
        return Timestamp(microseconds: (Int64(timegm(&time)) - offset) * 1_000_000 + fraction)
    }

    private static func isDate(_ year: Int32, _ month: Int32, _ day: Int32) -> Bool {
        guard (1970...9998).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
    }

    private static func number(_ rest: inout Substring, digits: Int) -> Int32? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy(\.isWholeNumber), let value = Int32(text) else { return nil }
        rest = rest[text.endIndex...]
        return value
    }

    private static func skip(_ character: Character, _ rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }
}
