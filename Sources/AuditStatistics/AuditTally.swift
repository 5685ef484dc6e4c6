package import ConvonetCore
package import ConvonetDatabase
import OperatingSystem
import PostgresClient

/// How many events of one group there are, by how they ended.
package struct AuditTally: Equatable, Sendable {
    /// The group: of hours two digits, of others what the log has.
    package var group: String
    /// Carried out.
    package var done = 0
    /// Refused by a rule.
    package var refused = 0
    /// The account had changed meanwhile.
    package var conflict = 0
    /// The database did not carry it out.
    package var failed = 0

    /// All of them.
    package var events: Int { done + refused + conflict + failed }
    /// What was not done.
    package var undone: Int { events - done }
}

extension AuditLog {
    /// Counts the selected events, the largest group first; of hours all 24, in their order.
    package func tallies(
        of selection: AuditSelection, by grouping: AuditGrouping
    ) async throws(AdminError) -> [AuditTally] {
        let rows = try await database.transaction(.snapshot, for: .readLog) { connection in
            try await AuditLog.requireAll(connection)
            return try await connection.query(
                """
                SELECT \(grouping.expression) AS part, count(*) FILTER (WHERE outcome = 'done'), \
                       count(*) FILTER (WHERE outcome = 'refused'), count(*) FILTER (WHERE outcome = 'conflict'), \
                       count(*) FILTER (WHERE outcome = 'failed') \
                FROM convonet_admin.audit_event \
                WHERE \(selection.conditions) AND \(grouping.expression) IS NOT NULL \
                GROUP BY 1 ORDER BY count(*) DESC, 1
                """, limit: .seconds(60))
        }
        let tallies = try await database.translating(.readLog) {
            try rows.map { row in
                AuditTally(
                    group: try row.text(0), done: try row.int(1), refused: try row.int(2), conflict: try row.int(3),
                    failed: try row.int(4))
            }
        }
        return grouping == .hour ? AuditTally.hoursOfDay(tallies) : tallies
    }
}

extension AuditTally {
    /// The 24 hours of a day, of hours that have a date.
    static func hoursOfDay(_ tallies: [AuditTally]) -> [AuditTally] {
        var day = (0..<24).map { AuditTally(group: $0 < 10 ? "0\($0)" : "\($0)") }
        for tally in tallies {
            guard let moment = Int64(tally.group).map({ Timestamp(microseconds: $0) }),
                let hour = Int(moment.localText.dropFirst(11).prefix(2)), day.indices.contains(hour)
            else { continue }
            day[hour].done += tally.done
            day[hour].refused += tally.refused
            day[hour].conflict += tally.conflict
            day[hour].failed += tally.failed
        }
        return day
    }
}
