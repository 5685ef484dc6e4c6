public import OperatingSystem

/// How moments are shown, and what the clock says.
public struct Times: Equatable, Sendable {
    /// The ways to show a moment; one key goes from each to the next.
    public enum Display: String, CaseIterable, Sendable {
        /// How long ago, with the time of day where that was today.
        case relative = "relative"
        /// Date and time of this machine's zone.
        case local = "local"
        /// Date and time of UTC.
        case utc = "UTC"
    }

    /// What the clock says.
    public var now: Timestamp
    /// How they are shown.
    public var display: Display

    /// The ways to show a moment, now.
    public init(now: Timestamp, display: Display = .relative) {
        self.now = now
        self.display = display
    }

    /// Cells that `cell` needs.
    public static let cellColumns = 17

    /// For a table: `00:32  37 s ago`, `2026-01-31 10:30` or `2026-01-31 09:30Z`.
    public func cell(_ moment: Timestamp) -> String {
        guard display == .relative else { return minute(moment) }
        let isToday = (-60..<86400).contains(now.seconds(since: moment))
        return isToday ? "\(clock(moment))  \(Age.shortAgo(moment, now: now))" : minute(moment)
    }

    /// For a narrow column: `3 d`, or the date.
    public func day(_ moment: Timestamp) -> String {
        guard display == .relative else { return String(minute(moment).prefix(10)) }
        let text = Age.shortAgo(moment, now: now)
        return text.hasSuffix(" ago") ? String(text.dropLast(4)) : text
    }

    /// With its age: `2026-01-31 10:30 (3 d ago)`.
    public func full(_ moment: Timestamp) -> String {
        let text = minute(moment)
        // What has no date has no age, either.
        return text.first?.isNumber == true ? "\(text) (\(Age.shortAgo(moment, now: now)))" : text
    }

    /// The end of something, and how long that is: `00:48 (14 min)`.
    public func until(_ moment: Timestamp) -> String {
        let seconds = moment.seconds(since: now)
        return seconds < 86400 ? "\(clock(moment)) (\(Age.short(max(0, seconds))))" : minute(moment)
    }

    /// The same where it is told to somebody: `tomorrow 00:48 (14 min)` where it is another day.
    public func deadline(_ moment: Timestamp) -> String {
        let isAnotherDay = minute(moment).prefix(10) != minute(now).prefix(10)
        return (isAnotherDay && (0..<86400).contains(moment.seconds(since: now)) ? "tomorrow " : "") + until(moment)
    }

    /// `2026-01-31 10:30`, or `2026-01-31 09:30Z`.
    public func minute(_ moment: Timestamp) -> String { cut(moment, to: 16) }

    /// To the second, for a receipt: `2026-01-31 10:30:07`, or `2026-01-31 09:30:07Z`.
    public func second(_ moment: Timestamp) -> String { cut(moment, to: 19) }

    private func cut(_ moment: Timestamp, to count: Int) -> String {
        guard display == .utc else { return String(moment.localText.prefix(count)) }
        let text = moment.rfc3339
        return text.count < count ? text : text.prefix(10) + " " + text.dropFirst(11).prefix(count - 11) + "Z"
    }

    private func clock(_ moment: Timestamp) -> String { String(minute(moment).dropFirst(11)) }
}

/// How long ago something was.
public enum Age {
    private static let units: [(seconds: Int, word: String, short: String)] = [
        (365 * 86400, "year", "y"), (30 * 86400, "month", "mo"), (86400, "day", "d"), (3600, "hour", "h"),
        (60, "minute", "min"), (1, "second", "s"),
    ]

    /// In the largest unit that fits: `5 seconds ago`, `3 days ago`.
    public static func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds(since: moment)
        if seconds < -60 { return "in the future" }
        guard let unit = units.first(where: { seconds >= $0.seconds }) else { return "just now" }
        let number = seconds / unit.seconds
        return "\(number) \(unit.word)\(number == 1 ? "" : "s") ago"
    }

    /// The same in a few letters: `now`, `37 s ago`, `14 min ago`, `3 y ago`.
    public static func shortAgo(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds(since: moment)
        if seconds < -60 { return "in future" }
        return seconds < 1 ? "now" : short(seconds) + " ago"
    }

    /// A length of time in a few letters: `37 s`, `14 min`, `3 y`.
    public static func short(_ seconds: Int) -> String {
        guard let unit = units.first(where: { seconds >= $0.seconds }) else { return "0 s" }
        return "\(seconds / unit.seconds) \(unit.short)"
    }
}
