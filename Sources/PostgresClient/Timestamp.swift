import Glibc

/// A moment, to the microsecond, as PostgreSQL's timestamptz keeps it.
public struct Timestamp: Equatable, Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01 00:00 UTC; negative before.
    public var microseconds: Int64

    /// 2000-01-01 00:00 UTC, from which PostgreSQL's binary format counts.
    static let postgresEpoch: Int64 = 946_684_800_000_000

    /// The moment so many microseconds after 1970-01-01 00:00 UTC.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    init(postgres: Int64) {
        // infinity and -infinity are the ends of the range, and stay there.
        microseconds =
            postgres == .max || postgres == .min ? postgres : postgres &+ Timestamp.postgresEpoch
    }

    var postgres: Int64 {
        microseconds == .max || microseconds == .min ? microseconds : microseconds &- Timestamp.postgresEpoch
    }

    /// This machine's clock, now.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Earlier before later.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// Whole seconds from `earlier` to this moment.
    public func seconds(since earlier: Timestamp) -> Int {
        Int((microseconds &- earlier.microseconds) / 1_000_000)
    }

    /// RFC 3339 in UTC with six digits of a second, such as `2026-01-31T09:30:00.000000Z`.
    public var rfc3339: String {
        guard let time = brokenDown(gmtime_r) else { return microseconds > 0 ? "infinity" : "-infinity" }
        let fraction = Timestamp.digits(Int(subsecond), 6)
        return "\(Timestamp.date(time))T\(Timestamp.clock(time)).\(fraction)Z"
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
