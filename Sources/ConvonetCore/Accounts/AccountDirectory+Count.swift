public import ConvonetDatabase
import PostgresClient

extension AccountDirectory {
    /// How many accounts are selected, counted up to `most`: a list of hundreds of thousands needs no exact number.
    public func count(of selection: AccountSelection, most: Int) async throws(AdminError) -> Int {
        if selection.isAlike { return try await alike(selection, limit: most).accounts.count }
        return try await database.rows(
            "SELECT count(*) FROM (SELECT FROM \(selected(selection)) LIMIT \(most)) AS found",
            scans: selection.words.isEmpty ? .allowed : .lastResort, for: .viewAccounts
        ) { try $0.int(0) }.first ?? 0
    }

    private func selected(_ selection: AccountSelection) -> Statement {
        if selection.words.isEmpty { return "convonet_admin.accounts WHERE \(selection.conditions)" }
        guard hasSearchIndex else { return "convonet_admin.account_search WHERE \(selection.conditions)" }
        return """
            (SELECT id AS candidate_id FROM convonet_admin.account_pieces \
            WHERE \(selection.conditionsByIndex) OFFSET 0) AS candidates \
            JOIN convonet_admin.account_search ON id = candidate_id WHERE \(selection.conditions)
            """
    }
}
