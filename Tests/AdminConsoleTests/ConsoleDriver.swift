import AccountDisplay
import AccountPolicy
import ConsoleRequests
import ConvonetCore
import Credentials
import Glibc
import LinearConsole
import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// A console without terminal and database: keys go in as text, effects are answered from a fake world.
///
/// What only reads is answered at once unless `isWaiting`; a change must have been foreseen by the world, and after the
/// console quit nothing may be pressed.
final class ConsoleDriver {
    private(set) var console: Console
    /// The view of it that is told line by line, where that is tested, and what it has said.
    private var linear: LinearModel?
    private var narration = Narration()
    private var said = ""
    private var session: FakeSession
    private let executor = StepExecutor()
    var world: FakeWorld {
        get { session.with { $0.world } }
        set { session.with { [newValue] in $0.world = newValue } }
    }
    /// What the clock says; a test may set it to anything.
    var now = FakeWorld.now
    /// The clock that only goes forward.
    private(set) var uptime = 1_000_000
    /// While true, answers are kept until `answer()`.
    var isWaiting = false
    /// While true, the terminal is slow: what is painted is not seen before `show()`.
    var isFarAway = false
    var size: Size
    var changes: [Change] {
        session.with { $0.changes }.map {
            Change(email: $0.account.email, version: $0.account.version, action: $0.action, context: $0.context)
        }
    }
    var decisions: [Decision] {
        session.with { $0.decisions }.map { Decision(id: $0.approval.id, decision: $0.decision, reason: $0.reason) }
    }
    private(set) var hasQuit = false
    /// The databases that were left.
    private(set) var left: [FakeSession] = []
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
        var decision: ApprovalQueue.Decision
        var reason: String?
    }

    // Times on screens are local; snapshots need one zone for everybody.
    private static let zone: Void = {
        setenv("TZ", "UTC", 1)
        tzset()
    }()

    init(
        _ world: FakeWorld = .few, columns: Int = 80, rows: Int = 24, policy: Policy = .standard,
        readOnlyReason: String? = nil, environment: EnvironmentLabel? = nil, environments: Environments = .none,
        warning: String? = nil, mayReadLog: Bool = true,
        approvalsReason: String? = nil, mayDecide: Bool = true, idleTime: IdleTime = IdleTime(coverAfter: nil),
        firstPage: ListPage<Account>? = nil, clipboardLimit: Int = 8192, ringsBell: Bool = false,
        hasSearchIndex: Bool = true, isLinear: Bool = false, showsColours: Bool = true
    ) {
        Self.zone
        session = FakeSession(world, policy: policy)
        size = Size(columns: columns, rows: rows)
        var context = ConsoleContext(
            environment: environment, place: "convonet on db.example.org", warning: warning,
            viewer: Viewer(databaseUser: "anna", systemUser: "anna"),
            rightsName: readOnlyReason == nil ? "operator" : "viewer", readOnlyReason: readOnlyReason,
            mayReadLog: mayReadLog, approvalsReason: approvalsReason, mayDecide: mayDecide,
            idleTime: idleTime, policy: policy,
            assess: { PasswordAssessment.assess($0, policy: policy.password, context: $1.passwordContext) })
        context.clipboardLimit = clipboardLimit
        context.ringsBell = ringsBell
        context.hasSearchIndex = hasSearchIndex
        context.isLinear = isLinear
        context.environments = environments
        context.showsColours = showsColours
        console = Console(context, firstPage: firstPage, now: FakeWorld.now, uptime: uptime)
        if isLinear { linear = LinearModel(console) }
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

    func click(column: Int, row: Int) { send(Pointer(.click, at: Position(column: column, row: row))) }

    func send(_ pointer: Pointer) { send(.input(.pointer(pointer))) }

    func paste(_ text: String) { send(.input(.paste(text))) }

    func resize(_ columns: Int, _ rows: Int) {
        size = Size(columns: columns, rows: rows)
        send(.input(.resized(size)))
    }

    /// Lets time pass, and tells the console when it asked for that.
    func pass(seconds: Double) {
        let until = uptime + Int(seconds * 1000)
        while let tick = linear?.nextTick ?? console.nextTick, console.shared.uptime + tick <= until {
            go(to: console.shared.uptime + tick)
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
        give(ConsoleRequests.Change.Progress(id: FakeWorld.id(0xF000), words: words), to: request)
    }

    /// Answers one waiting effect and leaves the others.
    func answer(_ index: Int) { resolve(waiting.remove(at: index), at: #_sourceLocation) }

    /// The far terminal has shown what was painted.
    func show() { send(.input(.painted)) }

    /// Says how far a request has come.
    func give(_ progress: any Sendable, to request: Int) {
        send(.answer(Answer(request: request, content: .progress(progress))))
    }

    func screen() -> Buffer { console.view(size) }
    func text() -> String { screen().text() }

    /// What was said since this was asked last.
    func heard() -> String {
        defer { said = "" }
        return said
    }

    private func update(_ event: LoopEvent<Answer>) -> [Effect] {
        guard var model = linear else { return console.update(event, now: now, uptime: uptime) }
        let effects = model.update(event, now: now, uptime: uptime)
        (linear, console) = (model, model.console)
        if effects.contains(.redraw) { narration.forget() }
        // Where the console is left, nothing more of it is said.
        let isLeft = effects.contains { if case .leave = $0 { true } else { false } }
        if !isLeft { said += narration.say(model.view(size), rows: size.rows) }
        return effects
    }

    private func send(_ event: LoopEvent<Answer>, at location: SourceLocation = #_sourceLocation) {
        for effect in update(event) {
            effects.append(effect)
            perform(effect, at: location)
        }
    }

    private func perform(_ effect: Effect, at location: SourceLocation) {
        switch effect {
        case .quit: hasQuit = true
        case .leave(let opening): begin(opening)
        case .awaitPaint: if !isFarAway { send(.input(.painted), at: location) }
        default:
            guard effect.asked != nil else { return }
            if isWaiting { waiting.append(effect) } else { resolve(effect, at: location) }
        }
    }

    /// A console of its own for another database, as the program's loop has it: of the former nothing is left but answers
    /// that are still to come.
    private func begin(_ opening: Opening) {
        guard let session = opening.session as? FakeSession else { return }
        let former = console.shared.context.environment
        left.append(self.session)
        self.session = session
        var context = opening.context
        context.showsColours = console.shared.context.showsColours
        console = Console(
            context, firstPage: opening.firstPage, cameFrom: former, now: FakeWorld.now, uptime: uptime)
        if linear != nil {
            linear = LinearModel(console)
            narration.forget()
        }
        send(.input(.resized(size)))
    }

    private func resolve(_ effect: Effect, at location: SourceLocation) {
        guard let (request, work) = effect.asked else { return }
        if effect.asks(for: ConsoleRequests.Change.self) != nil, world.endings.isEmpty {
            Issue.record("A change that nobody expected: \(work)", sourceLocation: location)
            return
        }
        let mailbox = Mailbox<Answer>()
        Task(executorPreference: executor) { [session] in
            await work.run(as: request, on: session, post: mailbox.post)
        }
        executor.run()
        for answer in mailbox.drain() { send(.answer(answer), at: location) }
    }
}

extension Effect {
    /// What is asked of the session, and by which number.
    fileprivate var asked: (request: Int, work: AnyWork)? {
        if case .run(let request, let work) = self { (request, work) } else { nil }
    }

    /// The work of this kind that it asks for; nil where it asks for something else.
    func asks<Kind: Work>(for kind: Kind.Type) -> Kind? { asked?.work.work as? Kind }
}

typealias AccountPage = PageQuery<AccountSelection>

extension ConsoleDriver {
    /// The account that the dialog is for.
    var dialogEmail: String? { console.reset?.account.email }
    /// The columns that were to be kept last.
    var keptColumns: [String]? {
        effects.lazy.compactMap { $0.asks(for: KeepColumns.self)?.columns }.last
    }
    var selectedEmail: String? { console.list.window.selected?.email }
}
