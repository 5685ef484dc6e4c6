import PostgresClient

/// A moment as people speak of it.
enum Age {
    /// The local time and how long ago that is: `2026-01-31 10:30:00, 3 days ago`.
    static func text(_ moment: Timestamp, now: Timestamp) -> String {
        "\(moment.localText), \(ago(moment, now: now))"
    }

    /// How long ago in the largest unit that fits: `5 seconds ago`, `3 days ago`.
    static func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds(since: moment)
        if seconds < -60 { return "in the future" }
        let units: [(Int, String)] = [
            (365 * 86400, "year"), (30 * 86400, "month"), (86400, "day"), (3600, "hour"), (60, "minute"),
        ]
        for (length, name) in units where seconds >= length {
            return count(seconds / length, name)
        }
        return seconds < 1 ? "just now" : count(seconds, "second")
    }

    private static func count(_ number: Int, _ unit: String) -> String {
        "\(number) \(unit)\(number == 1 ? "" : "s") ago"
    }
}
