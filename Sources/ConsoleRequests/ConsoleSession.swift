package import AuditVerification
package import ConvonetCore
internal import ConvonetDatabase
package import Credentials
package import FoundationEssentials
internal import OperatingSystem
internal import PostgresClient
package import TerminalKit

/// What the console's work runs against: an operator's session, or in tests a world of made-up people.
package protocol ConsoleSession: Sendable {
    /// Whether it was a standby that answered last.
    var isOnStandby: Bool { get }
    /// Whether there is a server that takes changes; one is looked for where it was a standby that answered last.
    func findPrimary() async throws -> Bool

    func page<Selection: ListSelection>(of selection: Selection, _ origin: ListOrigin<Selection.Row>, limit: Int)
        async throws -> ListPage<Selection.Row>
    func total(of selection: some ListSelection) async throws -> ListCount

    /// The one account whose e-mail address, username or id this is; throws where there is none, or are two.
    func find(_ text: String) async throws -> Account
    /// nil where it is gone.
    func account(_ id: UUID) async throws -> Account?
    /// Those of them that are there.
    func accounts(_ ids: [UUID]) async throws -> [Account]
    func dossier(of id: UUID) async -> AccountDossier
    func teams(of ids: [UUID]) async throws -> [UUID: [TeamMembership]]
    /// What this operator submitted in the last minutes.
    func ownChanges(minutes: Int) async throws -> [RecentChange]
    func pendingApprovals() async throws -> ApprovalQueue.Pending
    func takesTicket(_ ticket: String) async throws -> Bool
    func verifyLog(_ progress: @escaping @Sendable (_ sequence: Int, _ of: Int) -> Void) async throws
        -> AuditLog.Verification

    func perform(_ change: AccountChange, progress: @escaping AccountEditor.Progress) async throws -> ChangeResult
    func look(at row: Batch.Row, of batch: Batch) async throws -> Batch.Row
    func carryOut(_ row: Batch.Row, of batch: Batch, progress: @escaping AccountEditor.Progress) async -> Batch.Row
    func decide(_ request: ApprovalRequest, _ decision: ApprovalQueue.Decision, reason: String?) async throws
        -> ApprovalQueue.Result

    func callerState(of account: Account) async throws -> CallerState
    func sendCode(to account: Account, by way: CallerWay, key: CallerKey) async throws -> CallerVerification.Result
    func verifyCaller(_ account: Account, code: String, key: CallerKey?) async throws -> CallerVerification.Result
}

extension AdminSession: ConsoleSession {
    package var isOnStandby: Bool { audit.database.pool.isOnStandby }

    package func findPrimary() async throws -> Bool {
        let pool = audit.database.pool
        return try await audit.database.translating(.viewAccounts) { try await pool.findPrimary() }
    }

    package func page<Selection: ListSelection>(
        of selection: Selection, _ origin: ListOrigin<Selection.Row>, limit: Int
    )
        async throws -> ListPage<Selection.Row>
    {
        try await selection.page(origin, limit: limit, in: self)
    }

    package func total(of selection: some ListSelection) async throws -> ListCount {
        try await selection.total(in: self)
    }
    package func find(_ text: String) async throws -> Account { try await accounts.find(text) }
    package func account(_ id: UUID) async throws -> Account? { try await accounts.account(id: id) }
    package func accounts(_ ids: [UUID]) async throws -> [Account] {
        try await accounts.find(all: ids.map(\.lowercaseText)).compactMap { try? $0.get() }
    }
    package func dossier(of id: UUID) async -> AccountDossier { await accounts.dossier(of: id) }
    package func teams(of ids: [UUID]) async throws -> [UUID: [TeamMembership]] { try await accounts.teams(of: ids) }
    package func ownChanges(minutes: Int) async throws -> [RecentChange] {
        try await changes.recentChanges(minutes: minutes)
    }
    package func pendingApprovals() async throws -> ApprovalQueue.Pending { try await approvals.pending() }
    package func takesTicket(_ ticket: String) async throws -> Bool { try await changes.policyTakes(ticket: ticket) }

    package func verifyLog(_ progress: @escaping @Sendable (_ sequence: Int, _ of: Int) -> Void) async throws
        -> AuditLog.Verification
    {
        try await audit.verify(progress: progress)
    }

    package func perform(_ change: AccountChange, progress: @escaping AccountEditor.Progress) async throws
        -> ChangeResult
    {
        try await changes.perform(change, progress: progress)
    }

    package func look(at row: Batch.Row, of batch: Batch) async throws -> Batch.Row {
        try await changes.look(at: row, of: batch)
    }

    package func carryOut(_ row: Batch.Row, of batch: Batch, progress: @escaping AccountEditor.Progress) async
        -> Batch.Row
    {
        await changes.carryOut(row, of: batch, progress: progress)
    }

    package func decide(_ request: ApprovalRequest, _ decision: ApprovalQueue.Decision, reason: String?) async throws
        -> ApprovalQueue.Result
    {
        try await approvals.decide(request, decision, reason: reason)
    }

    package func callerState(of account: Account) async throws -> CallerState { try await callers.state(of: account) }

    package func sendCode(to account: Account, by way: CallerWay, key: CallerKey) async throws
        -> CallerVerification.Result
    {
        try await callers.sendCode(to: account, by: way, key: key)
    }

    package func verifyCaller(_ account: Account, code: String, key: CallerKey?) async throws
        -> CallerVerification.Result
    {
        try await callers.verify(account, code: code, key: key)
    }
}
