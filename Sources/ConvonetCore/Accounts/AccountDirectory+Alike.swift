import ConvonetDatabase
import PostgresClient

extension AccountDirectory {
    /// More people than these who are only alike are nobody's help.
    public static let mostAlike = 20
    /// The statement takes a twentieth of this at a million people.
    private static let patience = Duration.seconds(1)

    /// Those whose names sound or are typed like the words; nobody without the search index, which finds them.
    func alike(_ selection: AccountSelection, limit: Int) async throws(AdminError) -> Page {
        let search = AlikeStatement(selection: selection, limit: min(limit, Self.mostAlike))
        guard hasSearchIndex, let statement = search.statement else { return Page(accounts: [], hasMore: false) }
        do {
            let found = try await database.rows(
                statement, limit: Self.patience, scans: .lastResort, for: .viewAccounts
            ) { try Account($0) }
            return Page(accounts: found, hasMore: false)
        } catch .database(.timedOut) {
            // Nobody was promised anybody.
            return Page(accounts: [], hasMore: false)
        }
    }
}
