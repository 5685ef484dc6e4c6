import ConvonetCore
import FoundationEssentials
import TerminalKit

extension AccountSelection: ListSelection {
    func page(_ origin: ListOrigin<Account>, limit: Int, in session: AdminSession) async throws -> ListPage<Account> {
        let accounts = session.accounts
        switch origin {
        case .after(let account):
            let page = try await accounts.page(of: self, after: account, limit: limit)
            return ListPage(rows: page.accounts, hasAfter: page.hasMore)
        case .before(let account):
            let page = try await accounts.page(of: self, before: account, limit: limit)
            return ListPage(rows: page.accounts, hasBefore: page.hasMore)
        case .around(let account):
            // Where it stands by now, or stood when it was seen last.
            let place = try await accounts.account(id: account.id) ?? account
            let above = try await accounts.page(of: self, before: place, limit: limit / 2)
            let below = try await accounts.page(of: self, after: place, including: true, limit: limit - limit / 2)
            let known = Set(below.accounts.map(\.id))
            return ListPage(
                rows: above.accounts.filter { !known.contains($0.id) } + below.accounts, hasBefore: above.hasMore,
                hasAfter: below.hasMore)
        }
    }

    func total(in session: AdminSession) async throws -> ListCount {
        if isEverybody {
            let estimate = try await session.accounts.estimatedCount()
            return ListCount(estimate.count, estimate.isExact ? .exact : .about)
        }
        let most = Self.mostCounted
        return ListCount(try await session.accounts.count(of: self, most: most + 1), most: most)
    }
}

/// Keeps which columns of the list are shown; what comes of it is why that could not be done.
struct KeepColumns: Work {
    typealias Value = String?
    typealias Progress = Never
    var columns: [String]
    let keep: @Sendable ([String]) -> String?

    static func == (one: KeepColumns, other: KeepColumns) -> Bool { one.columns == other.columns }

    func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws -> String? {
        keep(columns)
    }
}

/// One account of the list as it is now.
struct AccountQuery: Query {
    typealias Value = Account?
    var id: UUID
    var lane: Lane? = "account"

    func read(from session: any ConsoleSession) async throws -> Account? { try await session.account(id) }
}

/// The teams of people in the list.
struct TeamsQuery: Query {
    typealias Value = [UUID: [TeamMembership]]
    static let lane: Lane = "teams"
    var ids: [UUID]
    var lane: Lane? { Self.lane }

    func read(from session: any ConsoleSession) async throws -> [UUID: [TeamMembership]] {
        try await session.teams(of: ids)
    }
}

/// What this operator submitted in the last minutes.
struct OwnChangesQuery: Query {
    typealias Value = [RecentChange]
    var minutes: Int
    var lane: Lane? { "own changes" }
    /// It is asked for together with a count: one connection less.
    var follows: Lane? { CountQuery<AccountSelection>.lane() }

    func read(from session: any ConsoleSession) async throws -> [RecentChange] {
        try await session.ownChanges(minutes: minutes)
    }
}
