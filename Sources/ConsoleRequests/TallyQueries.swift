package import AuditStatistics
package import ConvonetCore
internal import ConvonetDatabase
package import TerminalKit

/// What of the log is counted, and by what; its rows are the groups.
package struct TallySelection: ListSelection {
    package var grouping: AuditGrouping
    package var period: AuditPeriod

    package init(by grouping: AuditGrouping = .action, _ period: AuditPeriod = .month) {
        self.grouping = grouping
        self.period = period
    }

    /// All groups at once: they are counted together, whatever is shown of them.
    package func page(_ origin: ListOrigin<AuditTally>, limit: Int, in session: AdminSession) async throws
        -> ListPage<AuditTally>
    {
        let since = period.beginning(now: session.clock.now)
        return ListPage(rows: try await session.audit.tallies(of: AuditSelection(since: since), by: grouping))
    }

    package func total(in session: AdminSession) async throws -> ListCount {
        ListCount(try await page(.after(nil), limit: .max, in: session).rows.count)
    }
}

extension AuditTally: Identifiable {
    package var id: String { group }
}
