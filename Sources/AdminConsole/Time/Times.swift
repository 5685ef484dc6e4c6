import PostgresClient

/// How moments are shown, and what the clock says.
struct Times: Equatable, Sendable {
    /// The ways to show a moment; one key goes from each to the next.
    enum Display: String, CaseIterable, Sendable {
        /// How long ago, with the time of day where that was today.
        case relative = "relative"
        /// Date and time of this machine's zone.
        case local = "local"
        /// Date and time of UTC.
        case utc = "UTC"

        var next: Display { Self.allCases[((Self.allCases.firstIndex(of: self) ?? 0) + 1) % Self.allCases.count] }
    }

    var now: Timestamp
    var display = Display.relative

    /// Cells that `cell` needs.
    static let cellColumns = 17

    /// For a table: `00:32  37 s ago`, `2026-01-31 10:30` or `2026-01-31 09:30Z`.
    func cell(_ moment: Timestamp) -> String {
        guard display == .relative else { return minute(moment) }
        let isToday = (-60..<86400).contains(now.seconds(since: moment))
        return isToday ? "\(clock(moment))  \(Age.shortAgo(moment, now: now))" : minute(moment)
    }

    /// For a narrow column: `3 d`, or the date.
    func day(_ moment: Timestamp) -> String {
        guard display == .relative else { return String(minute(moment).prefix(10)) }
        let text = Age.shortAgo(moment, now: now)
        return text.hasSuffix(" ago") ? String(text.dropLast(4)) : text
    }

    /// With its age: `2026-01-31 10:30 (3 d ago)`.
    func full(_ moment: Timestamp) -> String {
        let text = minute(moment)
        // What has no date has no age, either.
        return text.first?.isNumber == true ? "\(text) (\(Age.shortAgo(moment, now: now)))" : text
    }

    /// The end of something, and how long that is: `00:48 (14 min)`.
    func until(_ moment: Timestamp) -> String {
        let seconds = moment.seconds(since: now)
        return seconds < 86400 ? "\(clock(moment)) (\(Age.short(max(0, seconds))))" : minute(moment)
    }

    private func minute(_ moment: Timestamp) -> String {
        guard display == .utc else { return String(moment.localText.prefix(16)) }
        let text = moment.rfc3339
        return text.count < 16 ? text : text.prefix(10) + " " + text.dropFirst(11).prefix(5) + "Z"
    }

    private func clock(_ moment: Timestamp) -> String {
        display == .utc
            ? String(moment.rfc3339.dropFirst(11).prefix(5)) + "Z" : String(moment.localText.dropFirst(11).prefix(5))
    }
}
