import ConvonetCore
import Glibc
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole

/// A console without terminal and database: keys go in as text, effects are answered from a fake world.
///
/// What only reads is answered at once unless `isWaiting`; a change must have been foreseen by the world, and after the
/// console quit nothing may be pressed.
final class ConsoleDriver {
    private(set) var console: Console
    var world: FakeWorld
    /// What the clock says; a test may set it to anything.
    var now = FakeWorld.now
    /// The clock that only goes forward.
    private(set) var uptime = 1_000_000
    /// While true, answers are kept until `answer()`.
    var isWaiting = false
    /// While true, the terminal is slow: what is painted is not seen before `show()`.
    var isFarAway = false
    var size: Size
    private(set) var changes: [Change] = []
    private(set) var decisions: [Decision] = []
    private(set) var hasQuit = false
    /// How often the console was told the time.
    private(set) var ticks = 0
    /// Every effect so far, in order.
    private(set) var effects: [Effect] = []
    private(set) var waiting: [Effect] = []

    struct Change: Equatable {
        var email: String
        var version: String
        var action: AccountChange.Action
        var context: ChangeContext
    }

    struct Decision: Equatable {
        var id: Int
        var decision: ApprovalDesk.Decision
        var reason: String?
    }

    // Times on screens are local; snapshots need one zone for everybody.
    private static let zone: Void = {
        setenv("TZ", "UTC", 1)
        tzset()
    }()

    init(
        _ world: FakeWorld = .few, columns: Int = 80, rows: Int = 24, policy: Policy = .standard,
        readOnlyReason: String? = nil, environment: String? = nil, warning: String? = nil, mayReadLog: Bool = true,
        approvalsReason: String? = nil, mayDecide: Bool = true, quietTime: QuietTime = QuietTime(coverAfter: nil),
        firstPage: ListPage<Account>? = nil
    ) {
        Self.zone
        self.world = world
        size = Size(columns: columns, rows: rows)
        let context = ConsoleContext(
            environmentName: environment, place: "convonet on db.example.org", warning: warning, operatorName: "anna",
            rightsName: readOnlyReason == nil ? "operator" : "viewer", readOnlyReason: readOnlyReason,
            mayReadLog: mayReadLog, approvalsReason: approvalsReason, mayDecide: mayDecide,
            quietTime: quietTime, policy: policy,
            assess: { PasswordAssessment.assess($0, policy: policy.password, context: $1.passwordContext) })
        console = Console(context, firstPage: firstPage, now: FakeWorld.now, uptime: uptime)
        send(.input(.resized(size)))
    }

    /// Presses keys one after the other, each painted before the next.
    func press(_ text: String, at location: SourceLocation = #_sourceLocation) throws {
        for key in try KeyText.keys(text) { press(key, at: location) }
    }

    func press(_ key: Key, at location: SourceLocation = #_sourceLocation) {
        if hasQuit { Issue.record("The console has quit before \(key).", sourceLocation: location) }
        send(.input(.key(key)), at: location)
    }

    /// Presses keys faster than the screen is painted: what follows a review is dropped, as the program's loop does it.
    func burst(_ text: String) throws {
        for key in try KeyText.keys(text) {
            let before = effects.count
            press(key)
            if effects[before...].contains(.awaitPaint) { return }
        }
    }

    func paste(_ text: String) { send(.input(.paste(text))) }

    func resize(_ columns: Int, _ rows: Int) {
        size = Size(columns: columns, rows: rows)
        send(.input(.resized(size)))
    }

    /// Lets time pass, and tells the console when it asked for that.
    func pass(seconds: Double) {
        let until = uptime + Int(seconds * 1000)
        while let tick = console.nextTick, console.uptime + tick <= until {
            go(to: console.uptime + tick)
            ticks += 1
            send(.tick)
        }
        go(to: until)
    }

    private func go(to moment: Int) {
        now = Timestamp(microseconds: now.microseconds + Int64(moment - uptime) * 1000)
        uptime = moment
    }

    /// Answers what waits, and what comes of that, the oldest first.
    func answer() {
        isWaiting = false
        while !waiting.isEmpty { resolve(waiting.removeFirst(), at: #_sourceLocation) }
    }

    /// Says how the change that was sent is getting on.
    func giveProgress(_ words: String?) {
        guard let request = console.reset?.work?.request else { return }
        give(.changing(request: request, id: FakeWorld.id(0xF000), words: words))
    }

    /// Answers one waiting effect and leaves the others.
    func answer(_ index: Int) { resolve(waiting.remove(at: index), at: #_sourceLocation) }

    /// The far terminal has shown what was painted.
    func show() { send(.input(.painted)) }

    /// Gives an answer that belongs to no waiting effect.
    func give(_ answer: Answer) { send(.answer(answer)) }

    func screen() -> Buffer { console.view(size) }
    func text() -> String { screen().text() }

    private func send(_ event: LoopEvent<Answer>, at location: SourceLocation = #_sourceLocation) {
        for effect in console.update(event, now: now, uptime: uptime) {
            effects.append(effect)
            perform(effect, at: location)
        }
    }

    private func perform(_ effect: Effect, at location: SourceLocation) {
        switch effect {
        case .quit, .end: hasQuit = true
        case .awaitPaint: if !isFarAway { send(.input(.painted), at: location) }
        case .redraw, .suspend, .copy, .stopVerifying, .keepColumns: break
        case .loadPage, .countAccounts, .loadAccount, .loadPerson, .loadOwnChanges, .loadEvents, .countEvents,
            .verifyLog,
            .change, .loadApprovals, .countApprovals, .decide, .loadPending, .checkTicket, .loadTeams:
            if isWaiting { waiting.append(effect) } else { resolve(effect, at: location) }
        }
    }

    private func resolve(_ effect: Effect, at location: SourceLocation) {
        for answer in answers(to: effect, at: location) { send(.answer(answer), at: location) }
    }

    private func answers(to effect: Effect, at location: SourceLocation) -> [Answer] {
        guard case .loadPerson(let request, let id, _) = effect else {
            return answer(to: effect, at: location).map { [$0] } ?? []
        }
        return [
            .person(
                request: request,
                AccountDossier(
                    account: read { world.accounts.first { $0.id == id } }, teams: read { world.teams },
                    history: read { world.history }, links: read { world.links }, mailState: read { world.mailState },
                    isProtected: read { world.protected.contains(id) },
                    approvals: read { world.approvals(all: false).filter { $0.accountID == id } },
                    policy: world.policy.map { .success($0) } ?? .success(console.context.policy)))
        ]
    }

    private func answer(to effect: Effect, at location: SourceLocation) -> Answer? {
        switch effect {
        case .loadPage(let request, let selection, let origin, let limit):
            return .page(request: request, read { world.page(selection, origin, limit) })
        case .countAccounts(let request, let selection, _):
            return .accountCount(request: request, read { ListCount(world.selected(by: selection).count) })
        case .loadPending(let request):
            let mayDecide = console.context.mayDecide
            return .pending(
                request: request, read { PendingApprovals(world.approvals(all: false), mayDecide: mayDecide) })
        case .checkTicket(let ticket):
            return .ticket(
                ticket, isGood: (try? Regex(console.context.policy.ticketPattern).wholeMatch(in: ticket)) != nil)
        case .loadAccount(let request, let id):
            return .account(request: request, read { world.accounts.first { $0.id == id } })
        case .loadTeams(let request, let ids):
            let teams = world.teams
            return .teams(request: request, read { Dictionary(uniqueKeysWithValues: ids.map { ($0, teams) }) })
        case .loadOwnChanges:
            return .ownChanges(read { world.ownChanges })
        case .loadEvents(let request, let selection, let origin, let limit):
            return .events(request: request, read { world.page(selection, origin, limit) })
        case .countEvents(let request, let selection):
            return .eventCount(request: request, read { ListCount(world.selected(by: selection).count) })
        case .verifyLog(let request):
            return .verified(request: request, read { world.verification })
        case .change(let request, let account, let action, let context):
            changes.append(Change(email: account.email, version: account.version, action: action, context: context))
            guard !world.endings.isEmpty else {
                Issue.record("A change that nobody expected: \(action.name)", sourceLocation: location)
                return nil
            }
            return .changed(request: request, world.endings.removeFirst().map { world.end($0, of: account) })
        case .loadApprovals(let request, let all, let origin, let limit):
            return .approvals(request: request, read { world.page(all: all, origin, limit) })
        case .countApprovals(let request, let all):
            return .approvalCount(request: request, read { ListCount(world.approvals(all: all).count) })
        case .decide(let request, let approval, let decision, let reason):
            decisions.append(Decision(id: approval.id, decision: decision, reason: reason))
            return .decided(request: request, read { world.decide(approval, decision) })
        case .loadPerson, .awaitPaint, .redraw, .suspend, .copy, .stopVerifying, .quit, .end, .keepColumns:
            return nil
        }
    }

    private func read<Value>(_ value: () -> Value) -> Result<Value, AdminError> {
        if let failure = world.failure { return .failure(failure) }
        return .success(value())
    }
}

extension ConsoleDriver {
    /// The account that the dialog is for.
    var dialogEmail: String? { console.reset?.account.email }
    var selectedEmail: String? { console.list.window.selected?.email }
}
