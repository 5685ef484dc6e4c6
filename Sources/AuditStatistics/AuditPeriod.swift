package import OperatingSystem

/// How far back events are counted where that is chosen from a list.
package enum AuditPeriod: String, CaseIterable, Sendable {
    case day = "24h"
    case week = "7d"
    case month = "30d"
    case quarter = "90d"

    /// Such as `last 7 days`.
    package var words: String {
        switch self {
        case .day: "last 24 hours"
        case .week: "last 7 days"
        case .month: "last 30 days"
        case .quarter: "last 90 days"
        }
    }

    /// When it began; the same as what the log makes of its text.
    package func beginning(now: Timestamp) -> Timestamp { MomentText(parsing: rawValue)?.beginning(now: now) ?? now }
}
