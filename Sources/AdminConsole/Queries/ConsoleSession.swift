import ConvonetCore
import FoundationEssentials
import TerminalKit

/// What the console's work runs against: an operator's session, or in tests a world of made-up people.
protocol ConsoleSession: Sendable {
    /// Whether requests for a second person may be decided.
    var mayDecide: Bool { get }

    func page(of selection: AccountSelection, _ origin: ListOrigin<Account>, limit: Int) async throws -> ListPage<
        Account
    >
    /// How many there are, as exactly as that is to be had at once; likewise below.
    func total(of selection: AccountSelection) async throws -> ListCount
    /// nil where it is gone.
    func account(_ id: UUID) async throws -> Account?
    func dossier(of id: UUID) async -> AccountDossier
    func teams(of ids: [UUID]) async throws -> [UUID: [TeamMembership]]

    /// Newest first; likewise below.
    func page(of selection: AuditSelection, _ origin: ListOrigin<AuditEvent>, limit: Int) async throws
        -> ListPage<AuditEvent>
    func total(of selection: AuditSelection) async throws -> ListCount
    func verifyLog(_ progress: @escaping @Sendable (_ sequence: Int, _ of: Int) -> Void) async throws
        -> AuditLog.Verification

    func page(of selection: ApprovalSelection, _ origin: ListOrigin<ApprovalRequest>, limit: Int) async throws
        -> ListPage<ApprovalRequest>
    func total(of selection: ApprovalSelection) async throws -> ListCount
    func decide(_ request: ApprovalRequest, _ decision: ApprovalDesk.Decision, reason: String?) async throws
        -> ApprovalDesk.Result

    /// What this operator submitted in the last minutes.
    func ownChanges(minutes: Int) async throws -> [RecentChange]
    func takesTicket(_ ticket: String) async throws -> Bool
    func perform(_ change: AccountChange, progress: @escaping AccountDesk.Progress) async throws -> ChangeResult
}

extension AdminSession: ConsoleSession {
    /// More rows than this are not counted where only some are wanted.
    private static let mostCounted = 50_000

    var mayDecide: Bool { rights.mayDecide }

    func page(of selection: AccountSelection, _ origin: ListOrigin<Account>, limit: Int) async throws
        -> ListPage<Account>
    {
        switch origin {
        case .after(let account):
            let page = try await accounts.page(of: selection, after: account, limit: limit)
            return ListPage(rows: page.accounts, hasAfter: page.hasMore)
        case .before(let account):
            let page = try await accounts.page(of: selection, before: account, limit: limit)
            return ListPage(rows: page.accounts, hasBefore: page.hasMore)
        case .around(let account):
            // Where it stands by now, or stood when it was seen last.
            let place = try await accounts.account(id: account.id) ?? account
            let above = try await accounts.page(of: selection, before: place, limit: limit / 2)
            let below = try await accounts.page(of: selection, after: place, including: true, limit: limit - limit / 2)
            let known = Set(below.accounts.map(\.id))
            return ListPage(
                rows: above.accounts.filter { !known.contains($0.id) } + below.accounts, hasBefore: above.hasMore,
                hasAfter: below.hasMore)
        }
    }

    func total(of selection: AccountSelection) async throws -> ListCount {
        if selection.isEverybody {
            let estimate = try await accounts.estimatedCount()
            return ListCount(estimate.count, estimate.isExact ? .exact : .about)
        }
        return ListCount(try await accounts.count(of: selection, most: Self.mostCounted + 1), most: Self.mostCounted)
    }

    func account(_ id: UUID) async throws -> Account? { try await accounts.account(id: id) }
    func dossier(of id: UUID) async -> AccountDossier { await accounts.dossier(of: id) }
    func teams(of ids: [UUID]) async throws -> [UUID: [TeamMembership]] { try await accounts.teams(of: ids) }

    func page(of selection: AuditSelection, _ origin: ListOrigin<AuditEvent>, limit: Int) async throws
        -> ListPage<AuditEvent>
    {
        try await ListPage(
            origin, limit: limit, number: \.sequence,
            newest: { try await audit.newest(before: $0, matching: selection, limit: $1) },
            oldest: { try await audit.oldest(after: $0, matching: selection, limit: $1) })
    }

    func total(of selection: AuditSelection) async throws -> ListCount {
        let most = selection.isEverything ? Int.max - 1 : Self.mostCounted
        return ListCount(try await audit.count(matching: selection, most: most + 1), most: most)
    }

    func verifyLog(_ progress: @escaping @Sendable (_ sequence: Int, _ of: Int) -> Void) async throws
        -> AuditLog.Verification
    {
        try await audit.verify(progress: progress)
    }

    func page(of selection: ApprovalSelection, _ origin: ListOrigin<ApprovalRequest>, limit: Int) async throws
        -> ListPage<ApprovalRequest>
    {
        let all = selection.showsAll
        return try await ListPage(
            origin, limit: limit, number: \.id,
            newest: { try await approvals.page(before: $0, all: all, limit: $1) },
            oldest: { try await approvals.page(after: $0, all: all, limit: $1) })
    }

    func total(of selection: ApprovalSelection) async throws -> ListCount {
        ListCount(try await approvals.page(all: selection.showsAll, limit: 1001).count, most: 1000)
    }

    func decide(_ request: ApprovalRequest, _ decision: ApprovalDesk.Decision, reason: String?) async throws
        -> ApprovalDesk.Result
    {
        try await approvals.decide(request, decision, reason: reason)
    }

    func ownChanges(minutes: Int) async throws -> [RecentChange] {
        try await changes.recentChanges(minutes: minutes)
    }

    func takesTicket(_ ticket: String) async throws -> Bool { try await changes.policyTakes(ticket: ticket) }

    func perform(_ change: AccountChange, progress: @escaping AccountDesk.Progress) async throws -> ChangeResult {
        try await changes.perform(change, progress: progress)
    }
}

extension ListPage {
    /// A window of rows with numbers, the highest first.
    fileprivate init(
        _ origin: ListOrigin<Row>, limit: Int, number: (Row) -> Int,
        newest: (_ before: Int?, _ limit: Int) async throws -> [Row],
        oldest: (_ after: Int?, _ limit: Int) async throws -> [Row]
    ) async throws {
        switch origin {
        case .after(let row):
            let found = try await newest(row.map(number), limit + 1)
            self.init(rows: Array(found.prefix(limit)), hasAfter: found.count > limit)
        case .before(let row):
            let found = try await oldest(row.map(number), limit + 1)
            self.init(rows: found.prefix(limit).reversed(), hasBefore: found.count > limit)
        case .around(let row):
            let half = limit - limit / 2
            let newer = try await oldest(number(row), limit / 2 + 1)
            let rest = try await newest(number(row) + 1, half + 1)
            self.init(
                rows: newer.prefix(limit / 2).reversed() + rest.prefix(half), hasBefore: newer.count > limit / 2,
                hasAfter: rest.count > half)
        }
    }
}

extension ListCount {
    /// A number that was counted no further than one beyond `most`.
    fileprivate init(_ counted: Int, most: Int) {
        self.init(min(counted, most), counted > most ? .moreThan : .exact)
    }
}
