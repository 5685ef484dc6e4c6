public import FoundationEssentials
import PostgresClient

/// Finds and lists accounts.
///
/// All methods throw `AdminError`; each is one round trip, and `find` two where the case of letters differs.
public struct AccountDirectory: Sendable {
    let database: Database
    /// Whether the search index was there when the session began; without it a search reads the whole table.
    public let hasSearchIndex: Bool

    /// One window of a list.
    public struct Page: Equatable, Sendable {
        /// The accounts in the selection's order.
        public var accounts: [Account]
        /// Whether the list goes on past this page, in the direction in which it was fetched.
        public var hasMore: Bool

        /// A page.
        public init(accounts: [Account], hasMore: Bool) {
            self.accounts = accounts
            self.hasMore = hasMore
        }
    }

    /// The accounts after `account`, or from it on (from the beginning for nil), at most `limit`.
    ///
    /// Where the selection has text, somebody whose e-mail address, username or id it is exactly comes first on the
    /// first page.
    public func page(of selection: AccountSelection, after account: Account? = nil, including: Bool = false, limit: Int)
        async throws -> Page
    {
        let rows = try await rows(selection, start: account.map { ($0, including) }, limit: limit + 1)
        guard !selection.words.isEmpty else {
            return Page(accounts: try rows.prefix(limit).map { try Account($0) }, hasMore: rows.count > limit)
        }
        return try Self.exactFirst(rows, limit: limit)
    }

    /// The last accounts before `account` (from the end for nil), at most `limit`, in the selection's order.
    public func page(of selection: AccountSelection, before account: Account?, limit: Int) async throws -> Page {
        var selection = selection
        selection.order = selection.order.reversed
        let rows = try await rows(selection, start: account.map { ($0, false) }, limit: limit + 1)
        guard !selection.words.isEmpty else {
            return Page(
                accounts: try rows.prefix(limit).map { try Account($0) }.reversed(), hasMore: rows.count > limit)
        }
        let others = try rows.filter { try $0.int(0) == 1 }
        return Page(
            accounts: try others.prefix(limit).map { try Account($0, from: 1) }.reversed(),
            hasMore: others.count > limit)
    }

    private func rows(_ selection: AccountSelection, start: (account: Account, including: Bool)?, limit: Int)
        async throws -> QueryResult
    {
        let page = AccountPageStatement(selection: selection, start: start, limit: limit, isIndexed: hasSearchIndex)
        return try await database.query(
            page.statement, scans: selection.words.isEmpty ? .allowed : .lastResort, for: .viewAccounts)
    }

    /// The account with this id as it is now, or nil.
    public func account(id: UUID) async throws -> Account? {
        try await database.query(accountStatement(id), for: .viewAccounts).first.map { try Account($0) }
    }

    func accountStatement(_ id: UUID) -> Statement {
        "SELECT \(Account.columns) FROM convonet_admin.accounts WHERE id = \(id)"
    }

    /// The one account with this e-mail address, username or id.
    ///
    /// Upper and lower case matter only where both spellings exist. Throws `accountUnknown`, or `accountAmbiguous`
    /// where one person's username is another's e-mail address.
    public func find(_ key: String) async throws -> Account {
        let key = AccountSelection(text: key).exactKey
        var candidates = try await accounts(where: AccountSelection(text: key).exactMatch).filter {
            $0.email == key || $0.username == key || $0.id == UUID(uuidString: key)
        }
        // Only now, since it takes the search index or a scan: everybody whose spelling differs in case alone, so that
        // none of two is taken for the other.
        if candidates.isEmpty, !key.isEmpty {
            candidates = try await accounts(
                where: "\(AccountSelection.beginning(with: key)) AND lower(\(key)) IN (lower(email), lower(username))")
        }
        guard let account = candidates.first else { throw AdminError.accountUnknown(key) }
        guard candidates.count == 1 else { throw AdminError.accountAmbiguous(candidates) }
        return account
    }

    private func accounts(where condition: Statement) async throws -> [Account] {
        try await database.query(
            "SELECT \(Account.columns) FROM convonet_admin.accounts WHERE \(condition) ORDER BY email LIMIT 20",
            scans: .lastResort, for: .viewAccounts
        ).map { try Account($0) }
    }

    /// How many accounts there are by the server's own statistics, or counted where those are small or missing.
    ///
    /// The table is looked up by name in the catalogue: `to_regclass` would ask for a right on the application's schema.
    public func estimatedCount() async throws -> (count: Int, isExact: Bool) {
        let rows = try await database.query(
            """
            SELECT CASE WHEN c.reltuples > 50000 THEN c.reltuples::bigint \
                ELSE (SELECT count(*) FROM convonet_admin.accounts) END, c.reltuples <= 50000 \
            FROM convonet_admin.installation i, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE i.users_table = concat('"', replace(n.nspname, '"', '""'), '"."', replace(c.relname, '"', '""'), '"')
            """, for: .viewAccounts)
        guard let row = rows.first else { throw AdminError.usersTableMissing("named in convonet_admin.installation") }
        return (try row.int(0), try row.bool(1))
    }

    private static func exactFirst(_ rows: QueryResult, limit: Int) throws -> Page {
        var exact: [Account] = []
        var others: [Account] = []
        for row in rows {
            let account = try Account(row, from: 1)
            if try row.int(0) == 0 { exact.append(account) } else { others.append(account) }
        }
        let hasMore = others.count > limit
        let ids = Set(exact.map(\.id))
        return Page(accounts: exact + others.prefix(limit).filter { !ids.contains($0.id) }, hasMore: hasMore)
    }
}
