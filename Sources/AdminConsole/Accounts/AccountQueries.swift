import ConvonetCore
import FoundationEssentials
import TerminalKit

extension AccountSelection: ListSelection {
    func page(_ origin: ListOrigin<Account>, limit: Int, from session: any ConsoleSession) async throws
        -> ListPage<Account>
    {
        try await session.page(of: self, origin, limit: limit)
    }

    func total(from session: any ConsoleSession) async throws -> ListCount { try await session.total(of: self) }
}

/// One account of the list as it is now.
struct AccountQuery: Query {
    typealias Value = Account?

    var id: UUID
    var lane: Lane? { "account" }

    func read(from session: any ConsoleSession) async throws -> Account? { try await session.account(id) }
}

/// The teams of people in the list.
struct TeamsQuery: Query {
    typealias Value = [UUID: [TeamMembership]]

    var ids: [UUID]
    var lane: Lane? { "teams" }

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
    var follows: Lane? { CountQuery<AccountSelection>(selection: AccountSelection()).lane }

    func read(from session: any ConsoleSession) async throws -> [RecentChange] {
        try await session.ownChanges(minutes: minutes)
    }
}
