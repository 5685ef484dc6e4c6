package import ConvonetCore
package import FoundationEssentials
package import TerminalKit

extension AccountSelection: ListSelection {
    package func page(_ origin: ListOrigin<Account>, limit: Int, in session: AdminSession) async throws -> ListPage<
        Account
    > {
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

    package func total(in session: AdminSession) async throws -> ListCount {
        if isEverybody {
            let estimate = try await session.accounts.estimatedCount()
            return ListCount(estimate.count, estimate.isExact ? .exact : .about)
        }
        let most = Self.mostCounted
        return ListCount(try await session.accounts.count(of: self, most: most + 1), most: most)
    }
}

/// One account of the list as it is now.
package struct AccountQuery: Query {
    package typealias Value = Account?
    package var id: UUID

    package var lane: Lane?

    /// One account; where it is read for something else than the list, in a lane of its own.
    package init(id: UUID, lane: Lane = "account") {
        (self.id, self.lane) = (id, lane)
    }

    package func read(from session: any ConsoleSession) async throws -> Account? { try await session.account(id) }
}

/// Whom a text names exactly.
package struct FindQuery: Query {
    package typealias Value = Account
    package static let lane: Lane = "find"
    package var text: String

    package init(text: String) {
        self.text = text
    }

    package var lane: Lane? { Self.lane }

    package func read(from session: any ConsoleSession) async throws -> Account { try await session.find(text) }
}

/// The teams of people in the list.
package struct TeamsQuery: Query {
    package typealias Value = [UUID: [TeamMembership]]
    package static let lane: Lane = "teams"
    package var ids: [UUID]

    package init(ids: [UUID]) {
        self.ids = ids
    }

    package var lane: Lane? { Self.lane }

    package func read(from session: any ConsoleSession) async throws -> [UUID: [TeamMembership]] {
        try await session.teams(of: ids)
    }
}

/// What this operator submitted in the last minutes.
package struct OwnChangesQuery: Query {
    package typealias Value = [RecentChange]
    package var minutes: Int

    package init(minutes: Int) {
        self.minutes = minutes
    }

    package var lane: Lane? { "own changes" }
    /// It is asked for together with a count: one connection less.
    package var follows: Lane? { CountQuery<AccountSelection>.lane() }

    package func read(from session: any ConsoleSession) async throws -> [RecentChange] {
        try await session.ownChanges(minutes: minutes)
    }
}

/// One person with all that their page shows, and the policy as it is now.
package struct DossierQuery: Query {
    package typealias Value = AccountDossier
    /// What it is read for: each has a place of its own.
    package enum Reader: String, Sendable {
        case page = "page of a person", preview, dialog

        package var lane: Lane { Lane(stringLiteral: rawValue) }
    }

    package var id: UUID
    package var reader: Reader

    package init(id: UUID, reader: Reader) {
        self.id = id
        self.reader = reader
    }

    package var lane: Lane? { reader.lane }

    package func read(from session: any ConsoleSession) async throws -> AccountDossier { await session.dossier(of: id) }
}
