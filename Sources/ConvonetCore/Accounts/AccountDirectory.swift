import AccountPolicy
public import ConvonetDatabase
public import FoundationEssentials
import PostgresClient
import SearchText

/// Finds and lists accounts.
///
/// Each method is one round trip; `find` two where the case of letters differs, and none where the session began with it.
public struct AccountDirectory: Sendable {
    let database: Database
    let rules: RulesInForce
    /// Whether the search index was there when the session began; nil where the session was begun for one account.
    let indexAtStart: Bool?
    let claims: Claims

    /// Whether the search index was there when the session began; without it a search reads the whole table.
    public var hasSearchIndex: Bool { indexAtStart ?? false }

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

    /// The first page of all accounts as a statement for a request of the caller's, to be read by ``page(_:limit:)``.
    static func firstPageStatement(limit: Int) -> Statement {
        AccountPageStatement(selection: AccountSelection(), limit: limit + 1).statement
    }

    /// The page that ``firstPageStatement(limit:)`` gave: it asks for one account more, to see whether there are any.
    static func page(_ result: QueryResult, limit: Int) throws -> Page {
        let found = try result.map { try Account($0) }
        return Page(accounts: Array(found.prefix(limit)), hasMore: found.count > limit)
    }

    /// The accounts after `account`, or from it on (from the beginning for nil), at most `limit`.
    ///
    /// Where the selection has text, somebody whose e-mail address, username or id it is exactly comes first on the
    /// first page. People who are only alike are all on one.
    public func page(of selection: AccountSelection, after account: Account? = nil, including: Bool = false, limit: Int)
        async throws(AdminError) -> Page
    {
        if selection.isAlike { return try await alike(selection, limit: limit) }
        let found = try await found(selection, start: account.map { ($0, including) }, limit: limit + 1)
        if let account, !including { try Self.check(found.others, follow: account, by: selection.order) }
        if account == nil, found.exact.isEmpty, found.others.isEmpty { try await requireVisiblePeople() }
        let ids = Set(found.exact.map(\.id))
        return Page(
            accounts: found.exact + found.others.prefix(limit).filter { !ids.contains($0.id) },
            hasMore: found.others.count > limit)
    }

    /// The last accounts before `account` (from the end for nil), at most `limit`, in the selection's order.
    public func page(of selection: AccountSelection, before account: Account?, limit: Int) async throws(AdminError)
        -> Page
    {
        if selection.isAlike { return Page(accounts: [], hasMore: false) }
        var selection = selection
        selection.order = selection.order.reversed
        let found = try await found(selection, start: account.map { ($0, false) }, limit: limit + 1)
        if let account { try Self.check(found.others, follow: account, by: selection.order) }
        return Page(accounts: found.others.prefix(limit).reversed(), hasMore: found.others.count > limit)
    }

    /// Whoever walks along pages that do not advance would never come to an end, or see some people twice and others not.
    static func check(_ accounts: [Account], follow account: Account, by order: AccountOrder) throws(AdminError) {
        guard accounts.allSatisfy({ order.mayFollow($0, account) }) else {
            throw AdminError.database(.unexpectedResult("a page of the list begins before the end of the one before"))
        }
    }

    /// Whom the text names exactly, on the first page, and the others in order.
    private func found(_ selection: AccountSelection, start: (account: Account, including: Bool)?, limit: Int)
        async throws(AdminError) -> (exact: [Account], others: [Account])
    {
        var page = AccountPageStatement(selection: selection, start: start, limit: limit, isIndexed: hasSearchIndex)
        guard !selection.words.isEmpty else {
            let accounts = try await database.rows(page.statement, for: .viewAccounts) { try Account($0) }
            guard let rest = page.withoutKey(beyond: accounts.count) else { return ([], accounts) }
            return ([], accounts + (try await database.rows(rest, for: .viewAccounts) { try Account($0) }))
        }
        var found = try await hits(page)
        // Hardly ever: the first of many candidates had the words' pieces, and not the words.
        if found.isCut, found.others.count < limit {
            page.isThorough = true
            found = try await hits(page)
        }
        return (found.exact, found.others)
    }

    private func hits(_ page: AccountPageStatement) async throws(AdminError)
        -> (exact: [Account], others: [Account], isCut: Bool)
    {
        try await database.translating(.viewAccounts) {
            let rows = try await database.query(page.statement, scans: .lastResort, for: .viewAccounts)
            var (exact, others): ([Account], [Account]) = ([], [])
            for row in rows where !row.isNull(2) {
                let account = try Account(row, from: 2)
                if try row.int(0) == 0 { exact.append(account) } else { others.append(account) }
            }
            return (exact, others, try rows.first?.bool(1) ?? false)
        }
    }

    /// The account with this id as it is now, or nil.
    public func account(id: UUID) async throws(AdminError) -> Account? {
        let account = try await database.rows(Self.accountStatement(id), for: .viewAccounts) { try Account($0) }.first
        if account == nil { try await requireVisiblePeople() }
        return account
    }

    /// Asked where nobody was found, so that an empty list is never one that only looks so.
    func requireVisiblePeople() async throws(AdminError) {
        let areHidden = try await database.rows(
            "SELECT convonet_admin.people_are_hidden()", for: .viewAccounts
        ) { try $0.bool(0) }
        if areHidden.contains(true) { throw .peopleHidden }
    }

    static func accountStatement(_ id: UUID) -> Statement {
        "SELECT \(Account.columns) FROM convonet_admin.accounts WHERE id = \(id)"
    }

    /// The one account with this e-mail address, username or id.
    ///
    /// Upper and lower case matter only where both spellings exist. Throws `accountUnknown`, or `accountAmbiguous`
    /// where one person's username is another's e-mail address, in any case. `known` are the candidates that a session began with.
    public func find(_ key: String, among known: [Account]? = nil) async throws(AdminError) -> Account {
        let exact: [Account]
        if let known { exact = known } else { exact = try await accounts(Self.exactStatement(key)) }
        let key = AccountSelection(text: key).exactKey
        var candidates = exact.filter {
            $0.email == key || $0.username == key || $0.id == UUID(uuidString: key)
        }
        // Only now, since it takes the search index or a scan: everybody whose spelling differs in case alone, so that
        // none of two is taken for the other.
        if Self.mayMeanAnother(key, than: candidates) {
            let source = spelledOtherwise(key, isIndexed: try await isIndexed())
            candidates = try await accounts(Self.candidates(from: source))
        }
        guard let account = candidates.first else {
            try await requireVisiblePeople()
            throw AdminError.accountUnknown(key)
        }
        guard candidates.count == 1 else { throw Self.ambiguous(candidates) }
        return account
    }

    /// Whether a key may mean somebody whom these candidates do not hold: in another spelling, where nobody has it or somebody has it
    /// for a username that looks like an address.
    static func mayMeanAnother(_ key: String, than candidates: [Account]) -> Bool {
        if candidates.isEmpty { return !key.isEmpty && UUID(uuidString: key) == nil }
        return key.contains("@") && !candidates.contains { $0.email == key }
    }

    static func ambiguous(_ candidates: [Account]) -> AdminError {
        .accountAmbiguous(
            candidates.map { "\($0.fullName) <\($0.email)>, username \($0.username), id \($0.idText)" })
    }

    /// Whether the search index is there, which is asked now if the session was begun for one account.
    func isIndexed() async throws(AdminError) -> Bool {
        if let indexAtStart { return indexAtStart }
        let isThere = SearchIndexLookup.hasEverybody(SearchIndexLookup.isOnInstalled, server: .max)
        return try await database.rows(
            "SELECT \(isThere) FROM convonet_admin.installation i", for: .viewAccounts
        ) { try $0.bool(0) }.first ?? false
    }

    /// Accounts whose address or username is the key in other upper and lower case, as what is selected from.
    func spelledOtherwise(_ key: String, isIndexed: Bool) -> Statement {
        let everybody: Statement =
            isIndexed
            ? """
            (SELECT * FROM convonet_admin.account_pieces \
            WHERE \(SearchWord(key, isBeginning: true).mayMatch) OFFSET 0) AS candidates
            """ : "convonet_admin.accounts"
        func lower(_ column: String) -> Statement { Statement(trusted: LetterCase.lower(column)) }
        return """
            \(everybody) WHERE (SELECT \(lower("word")) FROM (SELECT \(key) AS word) AS typed) \
            IN (\(lower("email")), \(lower("username")))
            """
    }

    /// Whose e-mail address, username or id the key is; to be read without scans.
    static func exactStatement(_ key: String) -> Statement {
        candidates(from: "convonet_admin.accounts WHERE \(AccountSelection(text: key).exactMatch)")
    }

    private static func candidates(from source: Statement) -> Statement {
        "SELECT \(Account.columns) FROM \(source) ORDER BY email LIMIT 20"
    }

    private func accounts(_ statement: Statement) async throws(AdminError) -> [Account] {
        try await database.rows(statement, scans: .lastResort, for: .viewAccounts) { try Account($0) }
    }

    /// How many accounts there are by the server's own statistics, or counted where those are small or missing.
    ///
    /// The table is looked up by name in the catalogue: `to_regclass` would ask for a right on the application's schema.
    public func estimatedCount() async throws(AdminError) -> (count: Int, isExact: Bool) {
        let counts = try await database.rows(
            """
            SELECT CASE WHEN c.reltuples > 50000 THEN c.reltuples::bigint \
                ELSE (SELECT count(*) FROM convonet_admin.accounts) END, c.reltuples <= 50000 \
            FROM convonet_admin.installation i, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE i.users_table = concat('"', replace(n.nspname, '"', '""'), '"."', replace(c.relname, '"', '""'), '"')
            """, for: .viewAccounts
        ) { (count: try $0.int(0), isExact: try $0.bool(1)) }
        guard let count = counts.first else { throw .usersTableMissing("named in convonet_admin.installation") }
        return count
    }
}
