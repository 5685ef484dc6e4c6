import OperatingSystem
import Testing

@Suite struct MomentTextTests {
    @Test(arguments: [
        ("2026-01-31T09:30:00Z", 1_769_851_800_000_000), ("2026-01-31t09:30:00.000001z", 1_769_851_800_000_001),
        ("2026-01-31 10:30:00+01:00", 1_769_851_800_000_000), ("2026-01-31T04:00:00.5-05:30", 1_769_851_800_500_000),
        ("2024-02-29T00:00:00.1234567Z", 1_709_164_800_123_456),
    ])
    func momentsAreReadByRFC3339(_ text: String, _ microseconds: Int64) {
        #expect(MomentText(parsing: text) == .moment(Timestamp(microseconds: microseconds)))
    }

    @Test func aSpanCountsBackFromNowAndADateIsItsWholeDay() throws {
        let now = Timestamp(microseconds: 1_769_851_800_000_000)
        let day: Int64 = 86_400_000_000
        for (text, span) in [("7d", 7 * day), ("24h", day), ("30m", day / 48), ("0d", 0)] {
            #expect(try #require(MomentText(parsing: text)).beginning(now: now).microseconds == now.microseconds - span)
        }
        let date = try #require(MomentText(parsing: "2026-07-14"))
        #expect(date.beginning(now: now).localText == "2026-07-14 00:00:00")
        #expect(date.end(now: now).localText == "2026-07-15 00:00:00")
        #expect(try #require(MomentText(parsing: "2026-12-31")).end(now: now).localText == "2027-01-01 00:00:00")
    }

    @Test(arguments: [
        "", "d", "-1d", "1w", "99999999d", "2026", "2026-1-1", "2026-02-29", "2026-13-01", "2026-01-00",
        "2026-01-31T09:30Z",
        "2026-01-31T09:30:00", "2026-01-31T25:00:00Z", "2026-01-31T09:30:00.Z", "2026-01-31T09:30:00Zx", "２026-01-31",
        "1.5d",
    ])
    func nothingElseIsATime(_ text: String) {
        #expect(MomentText(parsing: text) == nil)
    }
}
