import ConvonetCore
import TerminalKit

extension AccountDirectory {
    /// More accounts than this are not counted.
    private static let mostCounted = 50_000

    func page(of selection: AccountSelection, _ origin: ListOrigin<Account>, limit: Int) async throws
        -> ListPage<Account>
    {
        switch origin {
        case .after(let account):
            let page = try await page(of: selection, after: account, limit: limit)
            return ListPage(rows: page.accounts, hasAfter: page.hasMore)
        case .before(let account):
            let page = try await page(of: selection, before: account, limit: limit)
            return ListPage(rows: page.accounts, hasBefore: page.hasMore)
        case .around(let account):
            // Where it stands by now, or stood when it was seen last.
            let place = try await self.account(id: account.id) ?? account
            let above = try await page(of: selection, before: place, limit: limit / 2)
            let below = try await page(of: selection, after: place, including: true, limit: limit - limit / 2)
            let known = Set(below.accounts.map(\.id))
            return ListPage(
                rows: above.accounts.filter { !known.contains($0.id) } + below.accounts, hasBefore: above.hasMore,
                hasAfter: below.hasMore)
        }
    }

    /// How many accounts there are, as exactly as that is to be had at once.
    func total(of selection: AccountSelection) async throws -> ListCount {
        if selection.isEverybody {
            let estimate = try await estimatedCount()
            return ListCount(estimate.count, estimate.isExact ? .exact : .about)
        }
        return ListCount(try await count(of: selection, most: Self.mostCounted + 1), most: Self.mostCounted)
    }
}

extension AuditLog {
    /// More events than this are not counted where only some are wanted.
    private static let mostCounted = 50_000

    /// A window of the log, newest first.
    func page(of selection: AuditSelection, _ origin: ListOrigin<AuditEvent>, limit: Int) async throws
        -> ListPage<AuditEvent>
    {
        switch origin {
        case .after(let event):
            let events = try await newest(before: event?.sequence, matching: selection, limit: limit + 1)
            return ListPage(rows: Array(events.prefix(limit)), hasAfter: events.count > limit)
        case .before(let event):
            let events = try await oldest(after: event?.sequence, matching: selection, limit: limit + 1)
            return ListPage(rows: events.prefix(limit).reversed(), hasBefore: events.count > limit)
        case .around(let event):
            let newer = try await page(of: selection, .before(event), limit: limit / 2)
            let half = limit - limit / 2
            let rest = try await newest(before: event.sequence + 1, matching: selection, limit: half + 1)
            return ListPage(
                rows: newer.rows + rest.prefix(half), hasBefore: newer.hasBefore, hasAfter: rest.count > half)
        }
    }

    func total(of selection: AuditSelection) async throws -> ListCount {
        let most = selection.isEverything ? Int.max - 1 : Self.mostCounted
        return ListCount(try await count(matching: selection, most: most + 1), most: most)
    }
}

extension ApprovalDesk {
    /// A window of the requests, newest first.
    func page(all: Bool, _ origin: ListOrigin<ApprovalRequest>, limit: Int) async throws -> ListPage<ApprovalRequest> {
        switch origin {
        case .after(let request):
            let found = try await page(before: request?.id, all: all, limit: limit + 1)
            return ListPage(rows: Array(found.prefix(limit)), hasAfter: found.count > limit)
        case .before(let request):
            let found = try await page(after: request?.id, all: all, limit: limit + 1)
            return ListPage(rows: found.prefix(limit).reversed(), hasBefore: found.count > limit)
        case .around(let request):
            let newer = try await page(all: all, .before(request), limit: limit / 2)
            let half = limit - limit / 2
            let rest = try await page(before: request.id + 1, all: all, limit: half + 1)
            return ListPage(
                rows: newer.rows + rest.prefix(half), hasBefore: newer.hasBefore, hasAfter: rest.count > half)
        }
    }

    func total(all: Bool) async throws -> ListCount {
        ListCount(try await page(all: all, limit: 1001).count, most: 1000)
    }
}

extension ListCount {
    /// A number that was counted no further than one beyond `most`.
    fileprivate init(_ counted: Int, most: Int) {
        self.init(min(counted, most), counted > most ? .moreThan : .exact)
    }
}
