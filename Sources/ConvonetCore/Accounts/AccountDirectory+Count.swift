import PostgresClient

extension AccountDirectory {
    /// How many accounts are selected, counted up to `most`: a list of hundreds of thousands needs no exact number.
    public func count(of selection: AccountSelection, most: Int) async throws -> Int {
        let indexed: Statement = hasSearchIndex && !selection.words.isEmpty ? "\(selection.conditionsByIndex) AND " : ""
        let rows = try await database.query(
            """
            SELECT count(*) FROM (SELECT FROM \(selection.source) \
            WHERE \(indexed)\(selection.conditions) LIMIT \(most)) AS found
            """, scans: selection.words.isEmpty ? .allowed : .lastResort, for: .viewAccounts)
        return try rows.first?.int(0) ?? 0
    }
}
