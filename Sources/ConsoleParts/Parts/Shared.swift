package import AccountDisplay
package import AccountPolicy
package import ConsoleRequests
package import ConvonetCore
import ConvonetDatabase
package import Credentials
package import FoundationEssentials
package import OperatingSystem
import PostgresClient
package import TerminalKit

/// What all parts of the console share, and what each wants done in the step that is being taken.
package struct Shared: Sendable {
    package var context: ConsoleContext
    package var size = Size(columns: 80, rows: 24)
    /// What the clock says, for what is shown.
    package var now: Timestamp
    /// Milliseconds of a clock that only goes forward, for everything that is waited for.
    package var uptime: Int
    /// How moments are shown.
    package var timeDisplay = Times.Display.relative
    package var message: Message?
    package var lost: LostConnection?
    /// What waits for a second person.
    package var approvals = ApprovalWatch()
    /// The log's verification, which goes on wherever one is.
    package var verification: LogVerification?
    /// Whether a second person's word was sent and is not answered yet.
    package var isDeciding = false
    /// What was filled in for a change of the person whose dialog was open last.
    package var lastFields: ResetDialog.Carried?
    /// Whose page or dialog was open last, the last first.
    package var lastPeople: [Account] = []
    /// Who was shown since their names are like what was searched for, and not found by what was typed since: a change of
    /// theirs is confirmed by the username.
    package var alike: Set<UUID> = []
    /// What was searched for in this session, by the kind of list. It is never written anywhere.
    package var searches: [ObjectIdentifier: LineHistory] = [:]
    /// The keys of codes that were sent to callers from here, by the account.
    package var callerKeys: [UUID: CallerKey] = [:]
    /// Whether a key was pressed at all.
    package var hasPressedKey = false
    /// Whether the far terminal has yet to show what must be read before a key counts.
    package var isUnseen = false
    /// The stage of the idle time that was reached.
    package var idleStage = IdleTime.Stage.awake

    package var requests = Requests()
    package var effects: [Effect] = []
    package var moves: [Move] = []

    /// The part that is changing itself.
    package var part = background
    /// Whether that is the screen that is seen, or what lies over it.
    package var isSeen = true
    /// Whether a dialog says what screens would say.
    package var isSpokenFor = false
    /// Whether nothing lies over the first screen.
    package var isAtFirst = true

    /// The number of what no part on the screen stands for.
    package static let background = 0

    /// Something said to the person; it stays until the next key.
    package struct Message: Equatable, Sendable {
        package var text: String
        package var style: Style

        package init(text: String, style: Style) {
            self.text = text
            self.style = style
        }
    }

    package init(context: ConsoleContext, now: Timestamp, uptime: Int) {
        self.context = context
        self.now = now
        self.uptime = uptime
        noteStandby(context.beginsOnStandby)
    }

    /// Whether the screen is covered, since nobody is there.
    package var isCovered: Bool { idleStage == .covered }

    /// The smallest screen that anything is drawn on.
    package static let smallest = Size(columns: 40, rows: 10)

    /// Whether the screen is too small for anything to be drawn on it.
    package var isTooSmall: Bool { size.columns < Self.smallest.columns || size.rows < Self.smallest.rows }

    /// Whether nothing is shown that could change, so that nothing is read anew for it.
    package var showsNothing: Bool { isCovered || isTooSmall }

    package var times: Times { Times(now: now, display: timeDisplay) }

    package var viewer: Viewer { context.viewer }

    /// For what is said of a person.
    package var display: DisplayContext {
        DisplayContext(times, viewer, mayDecide: context.mayDecide) { ConsoleAction($0)?.firstKeyText }
    }

    /// When the time that is left until one of these moments is said in other words, by the clock of `uptime`: each minute, of the last
    /// one every five seconds, which a slow line can keep up with. nil where nothing is shown of it, or nobody looks.
    package func nextCountdown(_ moments: [Timestamp]) -> Int? {
        guard isSeen, idleStage == .awake else { return nil }
        let rests = moments.map { ($0.microseconds - now.microseconds) / 1000 }.filter { (0..<86_400_000).contains($0) }
        return rests.map { rest in
            let step: Int64 = rest >= 3_600_000 ? 3_600_000 : rest >= 60_000 ? 60_000 : 5000
            return uptime + Int(rest % step) + 1
        }.min()
    }

    package mutating func say(_ text: String, _ style: Style = .accent) { message = Message(text: text, style: style) }

    package mutating func open(_ part: some Part, keepsOthers: Bool = false) {
        moves.append(.open(part, keepsOthers: keepsOthers))
    }

    package mutating func close() { moves.append(.close) }

    package mutating func tell(_ news: News) { moves.append(.tell(news, by: part)) }

    /// Asks for something that no part on the screen stands for.
    package mutating func inBackground(_ ask: (Background, inout Shared) -> Void) {
        let caller = part
        part = Self.background
        ask(Background(), &self)
        part = caller
    }

    /// Waits for nothing of a lane any more, and ends it at the server too.
    package mutating func stop(_ lane: Lane) {
        guard requests.isAwaiting(lane) else { return }
        requests.forget(lane)
        effects.append(.stop(lane))
    }

    /// The same of all that a part asked for.
    package mutating func stop(part: Int) {
        for lane in requests.forget(part: part) { effects.append(.stop(lane)) }
    }

    /// Lets no key count before what is painted next was seen: what is typed before that was typed for something else.
    package mutating func awaitPaint() {
        effects.append(.awaitPaint)
        isUnseen = true
    }

    /// Takes what all parts have to know of a person that was read, and of the policy that came with it.
    package mutating func note(_ dossier: AccountDossier) {
        if case .success(let policy) = dossier.policy, let before = adopt(policy) { tell(.newPolicy(before)) }
        if case .success(let account?) = dossier.account { tell(.read(account, dossier)) }
    }

    /// Goes by the policy as it is now, and returns the one before; nil where it is the same.
    package mutating func adopt(_ policy: Policy) -> Policy? {
        guard policy != context.policy else { return nil }
        defer { context.policy = policy }
        return context.policy
    }

    /// Keeps the columns of the list for the next time.
    package mutating func keep(_ columns: [AccountColumn]) {
        let work = KeepColumns(columns: columns.map(\.rawValue), keep: context.keepColumns)
        inBackground {
            $0.ask(work, &$1) { _, problem, shared in
                if let problem = (try? problem.get()) ?? nil { shared.say(problem, .caution) }
            }
        }
    }
}
