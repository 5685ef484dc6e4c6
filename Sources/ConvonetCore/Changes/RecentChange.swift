public import ConvonetDatabase
import PostgresClient

/// What this operator submitted lately, from this machine.
public struct RecentChange: Equatable, Sendable {
    /// For whom.
    public var accountEmail: String?
    /// What was tried, how it ended and when.
    public var entry: HistoryEntry

    /// A change.
    public init(accountEmail: String?, entry: HistoryEntry) {
        self.accountEmail = accountEmail
        self.entry = entry
    }
}

extension AccountEditor {
    /// What this operator submitted in the last `minutes`, newest first, at most 20.
    ///
    /// After a line that dropped in the middle of a change it tells what became of it.
    public func recentChanges(minutes: Int) async throws(AdminError) -> [RecentChange] {
        let claimed = claims.parameter(ChangeContext())
        return try await database.rows(
            """
            SELECT sequence, occurred_at, action, outcome, rule, operator, db_user, reason, ticket, \
            NULL::bigint, account_email \
            FROM convonet_admin.own_recent_events(\(minutes)::integer, \(claimed))
            """, for: .changeCredentials
        ) { RecentChange(accountEmail: try $0.optional(10, $0.text), entry: try HistoryEntry($0)) }
    }
}
