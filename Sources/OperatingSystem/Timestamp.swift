import Glibc

/// A moment, to the microsecond; the ends of the range are for ever and since ever.
public struct Timestamp: Equatable, Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01 00:00 UTC; negative before.
    public var microseconds: Int64

    /// The moment so many microseconds after 1970-01-01 00:00 UTC.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// This machine's clock, now.
    public static var now: Timestamp {
        Timestamp(microseconds: SystemClock.microseconds(CLOCK_REALTIME))
    }

    /// Earlier before later.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// Whole seconds from `earlier` to this moment.
    public func seconds(since earlier: Timestamp) -> Int {
        Int((microseconds &- earlier.microseconds) / 1_000_000)
    }

    /// RFC 3339 in UTC with six digits of a second, such as `2026-01-31T09:30:00.000000Z`.
    public var rfc3339: String {
        guard microseconds != .max, microseconds != .min else { return microseconds > 0 ? "infinity" : "-infinity" }
        let (date, secondOfDay) = utc
        guard (0...9999).contains(date.year) else { return Timestamp.longYear(self) }
        return String(unsafeUninitializedCapacity: 27) { bytes in
            func put(_ number: Int, _ count: Int, at place: Int, then mark: Character) {
                var rest = number
                for offset in (place..<(place + count)).reversed() {
                    bytes[offset] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                bytes[place + count] = mark.asciiValue ?? 0
            }
            put(date.year, 4, at: 0, then: "-")
            put(date.month, 2, at: 5, then: "-")
            put(date.day, 2, at: 8, then: "T")
            put(secondOfDay / 3600, 2, at: 11, then: ":")
            put(secondOfDay / 60 % 60, 2, at: 14, then: ":")
            put(secondOfDay % 60, 2, at: 17, then: ".")
            put(Int(subsecond), 6, at: 20, then: "Z")
            return 27
        }
    }

    private static func longYear(_ moment: Timestamp) -> String {
        guard let time = moment.brokenDown(gmtime_r) else { return moment.microseconds > 0 ? "infinity" : "-infinity" }
        return "\(date(time))T\(clock(time)).\(digits(Int(moment.subsecond), 6))Z"
    }

    /// The date in UTC by arithmetic, since gmtime_r is too slow for a million lines: years of 400 have 146,097 days,
    /// and one that begins in March has its leap day at the end.
    private var utc: (date: (year: Int, month: Int, day: Int), secondOfDay: Int) {
        let seconds = Int((microseconds - subsecond) / 1_000_000)
        let secondOfDay = ((seconds % 86_400) + 86_400) % 86_400
        let days = (seconds - secondOfDay) / 86_400 + 719_468
        let cycle = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfCycle = days - cycle * 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
        return ((year, month, dayOfYear - (153 * march + 2) / 5 + 1), secondOfDay)
    }

    /// Date and time of day in the local zone, such as `2026-01-31 10:30:00`.
    public var localText: String {
        guard let time = brokenDown(localtime_r) else { return microseconds > 0 ? "never ends" : "always" }
        return "\(Timestamp.date(time)) \(Timestamp.clock(time))"
    }

    private var subsecond: Int64 {
        let rest = microseconds % 1_000_000
        return rest < 0 ? rest + 1_000_000 : rest
    }

    private typealias BreakDown = (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?

    private func brokenDown(_ function: BreakDown) -> tm? {
        guard microseconds != .max, microseconds != .min else { return nil }
        var seconds = time_t((microseconds - subsecond) / 1_000_000)
        var time = tm()
        guard function(&seconds, &time) != nil else { return nil }
        return time
    }

    private static func date(_ time: tm) -> String {
        "\(digits(Int(time.tm_year) + 1900, 4))-\(digits(Int(time.tm_mon) + 1, 2))-\(digits(Int(time.tm_mday), 2))"
    }

    private static func clock(_ time: tm) -> String {
        "\(digits(Int(time.tm_hour), 2)):\(digits(Int(time.tm_min), 2)):\(digits(Int(time.tm_sec), 2))"
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
