public import ConvonetDatabase
import PostgresClient

extension AccountEditor {
    /// Whether the policy takes a ticket, by the database's own reading of the pattern.
    public func policyTakes(ticket: String) async throws(AdminError) -> Bool {
        try await database.rows(
            """
            SELECT p.ticket_pattern = '' OR \(ticket) ~ ('^(?:' || p.ticket_pattern || ')$') FROM convonet_admin.policy p
            """, for: .changeCredentials
        ) { try $0.bool(0) }.first ?? true
    }
}
