import PostgresClient

/// How long ago something was.
enum Age {
    private static let units: [(seconds: Int, word: String, short: String)] = [
        (365 * 86400, "year", "y"), (30 * 86400, "month", "mo"), (86400, "day", "d"), (3600, "hour", "h"),
        (60, "minute", "min"), (1, "second", "s"),
    ]

    /// In the largest unit that fits: `5 seconds ago`, `3 days ago`.
    static func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds(since: moment)
        if seconds < -60 { return "in the future" }
        guard let unit = units.first(where: { seconds >= $0.seconds }) else { return "just now" }
        let number = seconds / unit.seconds
        return "\(number) \(unit.word)\(number == 1 ? "" : "s") ago"
    }

    /// The same in a few letters: `now`, `37 s ago`, `14 min ago`, `3 y ago`.
    static func shortAgo(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds(since: moment)
        if seconds < -60 { return "in future" }
        return seconds < 1 ? "now" : short(seconds) + " ago"
    }

    /// A length of time in a few letters: `37 s`, `14 min`, `3 y`.
    static func short(_ seconds: Int) -> String {
        guard let unit = units.first(where: { seconds >= $0.seconds }) else { return "0 s" }
        return "\(seconds / unit.seconds) \(unit.short)"
    }
}
