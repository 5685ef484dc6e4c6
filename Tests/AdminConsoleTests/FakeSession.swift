import AccountPolicy
import AuditVerification
import ConsoleRequests
import ConvonetDatabase
import Credentials
import FoundationEssentials
import Synchronization
import TerminalKit

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

/// A session with a world of made-up people, which answers at once.
final class FakeSession: ConsoleSession {
    private let policy: Policy
    private let state: Mutex<State>

    struct State {
        var world: FakeWorld
        var changes: [AccountChange] = []
        var decisions: [Decide] = []
    }

    /// Something is listed of which the world has no rows.
    struct Unknown: Error {
        let selection: String
    }

    init(_ world: FakeWorld, policy: Policy) {
        state = Mutex(State(world: world))
        self.policy = policy
    }

    func with<Value>(_ use: (inout sending State) -> sending Value) -> sending Value { state.withLock(use) }

    var isOnStandby: Bool { with { $0.world.isOnStandby } }

    func findPrimary() async throws -> Bool { try read { !$0.isOnStandby } }

    /// What of the world is read, unless reading fails.
    private func read<Value: Sendable>(_ value: @Sendable (FakeWorld) -> Value) throws -> Value {
        let world = with { $0.world }
        if let failure = world.failure { throw failure }
        return value(world)
    }

    private func result<Value: Sendable>(isPart: Bool = false, _ value: @Sendable (FakeWorld) -> Value)
        -> Result<Value, AdminError>
    {
        let world = with { $0.world }
        let failure = world.failure ?? (isPart ? world.partialFailure : nil)
        return failure.map { .failure($0) } ?? .success(value(world))
    }

    func page<Selection: ListSelection>(of selection: Selection, _ origin: ListOrigin<Selection.Row>, limit: Int)
        async throws -> ListPage<Selection.Row>
    {
        @Sendable func page(of list: some MadeUp, in world: FakeWorld) -> ListPage<Selection.Row>? {
            list.page(origin, limit, in: world)
        }
        let found = try read { world in (selection as? any MadeUp).flatMap { page(of: $0, in: world) } }
        guard let found else { throw Unknown(selection: "\(selection)") }
        return found
    }

    func total(of selection: some ListSelection) async throws -> ListCount {
        guard let selection = selection as? any MadeUp else { throw Unknown(selection: "\(selection)") }
        return try read { world in ListCount(selection.rows(in: world).count) }
    }

    func pendingApprovals() async throws -> ApprovalQueue.Pending {
        try read { world in
            func count(isOwn: Bool, _ state: ApprovalRequest.State) -> Int {
                world.approvals.count { $0.isOwn == isOwn && $0.state == state }
            }
            return ApprovalQueue.Pending(
                ofOthers: count(isOwn: false, .requested), own: count(isOwn: true, .requested),
                granted: count(isOwn: true, .approved), reports: world.reports)
        }
    }

    func find(_ text: String) async throws -> Account {
        let found = try read { world in
            world.accounts.filter { [$0.email, $0.username, $0.id.uuidString.lowercased()].contains(text) }
        }
        guard let account = found.first else { throw AdminError.accountUnknown(text) }
        guard found.count == 1 else { throw AdminError.accountAmbiguous(found.map(\.email)) }
        return account
    }

    func account(_ id: UUID) async throws -> Account? { try read { $0.accounts.first { $0.id == id } } }

    func accounts(_ ids: [UUID]) async throws -> [Account] {
        try read { world in world.accounts.filter { ids.contains($0.id) } }
    }

    func look(at row: Batch.Row, of batch: Batch) async throws -> Batch.Row {
        let found = try read { $0.rehearse(batch.change(row)) }
        var row = row
        _ = row.take(rehearsal: found, of: batch.action.kind)
        return row
    }

    func carryOut(_ row: Batch.Row, of batch: Batch, progress: @escaping AccountEditor.Progress) async -> Batch.Row {
        let change = batch.change(row)
        let outcome = with { state -> Result<ChangeResult, AdminError> in
            state.changes.append(change)
            return state.world.carryOut(change)
        }
        var row = row
        row.take(outcome: outcome, of: batch.action.kind)
        return row
    }

    func dossier(of id: UUID) async -> AccountDossier {
        let policy = with { $0.world.policy } ?? policy
        return AccountDossier(
            account: result { $0.accounts.first { $0.id == id } }, teams: result(isPart: true) { $0.teams },
            history: result { $0.history }, links: result(isPart: true) { $0.links },
            codes: result(isPart: true) { $0.codes },
            mailState: result { $0.mailState },
            isProtected: result { $0.protected.contains(id) },
            approvals: result { $0.approvals(all: false).filter { $0.accountID == id } }, caller: result { $0.caller },
            undoable: result { $0.undoable }, obstacles: result { $0.obstacles },
            temporaryPassword: result { $0.temporaryPassword }, policy: .success(policy))
    }

    func teams(of ids: [UUID]) async throws -> [UUID: [TeamMembership]] {
        try read { world in Dictionary(uniqueKeysWithValues: ids.map { ($0, world.teams) }) }
    }

    func verifyLog(_ progress: @escaping @Sendable (_ sequence: Int, _ of: Int) -> Void) async throws
        -> AuditLog.Verification
    {
        progress(2000, 100_000)
        return try read { $0.verification }
    }

    func decide(_ request: ApprovalRequest, _ decision: ApprovalQueue.Decision, reason: String?) async throws
        -> ApprovalQueue.Result
    {
        _ = try read { _ in }
        return with {
            $0.decisions.append(Decide(approval: request, decision: decision, reason: reason))
            return $0.world.decide(request, decision)
        }
    }

    func callerState(of account: Account) async throws -> CallerState { try read { $0.caller } }

    func sendCode(to account: Account, by way: CallerWay, key: CallerKey) async throws -> CallerVerification.Result {
        _ = try read { _ in }
        return with { $0.world.sendCode(by: way) }
    }

    func verifyCaller(_ account: Account, code: String, key: CallerKey?) async throws -> CallerVerification.Result {
        _ = try read { _ in }
        return with { $0.world.verify(code, hasKey: key != nil) }
    }

    func ownChanges(minutes: Int) async throws -> [RecentChange] { try read { $0.ownChanges } }

    func takesTicket(_ ticket: String) async throws -> Bool {
        try Regex((with { $0.world.policy } ?? policy).ticketPattern).wholeMatch(in: ticket) != nil
    }

    func perform(_ change: AccountChange, progress: @escaping AccountEditor.Progress) async throws -> ChangeResult {
        try with { state in
            state.changes.append(change)
            return state.world.endings.removeFirst().map { state.world.end($0, of: change.account) }
        }.get()
    }
}

/// A list of which the world has rows.
protocol MadeUp: ListSelection {
    associatedtype Key: Comparable
    func rows(in world: FakeWorld) -> [Row]
    /// What they are sorted by.
    func key(_ row: Row) -> Key
}

extension MadeUp {
    /// A window of them; nil where they are rows of another kind.
    fileprivate func page<Other>(_ origin: ListOrigin<Other>, _ limit: Int, in world: FakeWorld) -> ListPage<Other>? {
        (origin as? ListOrigin<Row>).flatMap {
            world.page(rows(in: world), $0, limit, by: key) as? ListPage<Other>
        }
    }
}

extension AccountSelection: MadeUp {
    func rows(in world: FakeWorld) -> [Account] { world.selected(by: self) }
    func key(_ row: Account) -> String { row.email }
}

extension AuditSelection: MadeUp {
    func rows(in world: FakeWorld) -> [AuditEvent] { world.selected(by: self) }
    func key(_ row: AuditEvent) -> Int { -row.sequence }
}

extension ApprovalSelection: MadeUp {
    func rows(in world: FakeWorld) -> [ApprovalRequest] { world.approvals(all: showsAll) }
    func key(_ row: ApprovalRequest) -> Int { -row.id }
}

/// Takes the steps of tasks on the thread that asks for it.
final class StepExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Goes on until no task has anything to do.
    func run() {
        while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
