public import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import SearchText

extension AccountDirectory {
    /// For each e-mail address, username or id the one account that ``find(_:among:)`` would give, or its error.
    ///
    /// One round trip for each thousand keys, and one that reads the table once for those whose spelling is of another case.
    public func find(
        all keys: [String], progress: (_ done: Int) -> Void = { _ in }
    ) async throws(AdminError) -> [Result<Account, AdminError>] {
        let trimmed = keys.map { AccountSelection(text: $0).exactKey }
        var found = Candidates()
        for start in stride(from: 0, to: trimmed.count, by: Self.keysAtOnce) {
            let some = Array(trimmed[start..<min(start + Self.keysAtOnce, trimmed.count)])
            let ids = some.filter { UUID(uuidString: $0) != nil }
            let accounts = try await database.rows(
                """
                SELECT \(Account.columns) FROM convonet_admin.accounts \
                WHERE email = ANY (\(some)) OR username = ANY (\(some)) OR id = ANY (\(ids)::uuid[]) ORDER BY email
                """, scans: .lastResort, for: .viewAccounts
            ) { try Account($0) }
            for account in accounts { found.add(account, as: [account.email, account.username]) }
            progress(start + some.count)
        }
        let others = Array(Set(trimmed.filter { Self.mayMeanAnother($0, than: found[$0]) }))
        for (key, account) in try await spelledOtherwise(others) { found.add(account, as: [key]) }
        if trimmed.contains(where: { found[$0].isEmpty }) { try await requireVisiblePeople() }
        return zip(keys, trimmed).map { key, trimmed in
            let candidates = found[trimmed]
            guard let account = candidates.first else { return .failure(.accountUnknown(key)) }
            return candidates.count == 1 ? .success(account) : .failure(Self.ambiguous(candidates))
        }
    }

    private static let keysAtOnce = 1000

    /// Accounts whose address or username is one of the keys in other upper and lower case, each with that key.
    private func spelledOtherwise(_ keys: [String]) async throws(AdminError) -> [(String, Account)] {
        if keys.isEmpty { return [] }
        func lower(_ column: String) -> Statement { Statement(trusted: LetterCase.lower(column)) }
        let typed: Statement = "(SELECT word, \(lower("word")) AS folded FROM unnest(\(keys)) AS word) AS typed"
        return try await database.rows(
            """
            SELECT word, \(Account.columns) FROM \(typed) JOIN convonet_admin.accounts ON folded = \(lower("email")) \
            UNION ALL \
            SELECT word, \(Account.columns) FROM \(typed) JOIN convonet_admin.accounts ON folded = \(lower("username")) \
            ORDER BY email
            """, limit: .seconds(120), for: .viewAccounts
        ) { (try $0.text(0), try Account($0, from: 1)) }
    }

    /// Accounts by what they may be named by, each once under each.
    private struct Candidates {
        private var byKey: [String: [Account]] = [:]
        private var byID: [UUID: Account] = [:]

        mutating func add(_ account: Account, as keys: [String]) {
            byID[account.id] = account
            for key in keys where byKey[key]?.contains(where: { $0.id == account.id }) != true {
                byKey[key, default: []].append(account)
            }
        }

        subscript(key: String) -> [Account] {
            let named = byKey[key] ?? []
            guard let account = UUID(uuidString: key).flatMap({ byID[$0] }) else { return named }
            return named.contains { $0.id == account.id } ? named : named + [account]
        }
    }
}
