import OperatingSystem

/// As PostgreSQL's timestamptz is sent.
extension Timestamp {
    /// 2000-01-01 00:00 UTC, from which PostgreSQL's binary format counts.
    static let postgresEpoch: Int64 = 946_684_800_000_000

    init(postgres: Int64) {
        // infinity and -infinity are the ends of the range, and stay there.
        self.init(
            microseconds: postgres == .max || postgres == .min ? postgres : postgres &+ Timestamp.postgresEpoch)
    }

    var postgres: Int64 {
        microseconds == .max || microseconds == .min ? microseconds : microseconds &- Timestamp.postgresEpoch
    }
}
