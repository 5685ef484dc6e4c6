import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import Credentials
import OperatingSystem
import TerminalKit

@testable import AdminConsole

/// A console without a terminal over a real session. What it asks of the database waits here until the walk has it done, so that
/// somebody else can act before that, and before the answer is taken.
struct WalkedConsole {
    /// Something that was asked of the session.
    struct Order {
        let request: Int
        let work: AnyWork

        /// What can leave an event; nil for what only reads.
        var writing: WalkedWrite? { WalkedWrite(work.work) }
    }

    let session: AdminSession
    private(set) var console: Console
    private(set) var size = Size(columns: 80, rows: 24)
    /// The clock that only goes forward; the other one is the server's.
    private(set) var uptime = 1_000_000
    private(set) var hasQuit = false
    /// Asked for, and not done yet.
    var orders: [Order] = []
    /// Done, and not heard of yet.
    var answers: [Answer] = []
    /// While true, what was painted is not seen: no key counts that must have seen it.
    var isFarAway = false

    init(_ session: AdminSession) {
        self.session = session
        console = Self.start(session, uptime: uptime)
        send(.input(.resized(size)))
    }

    private static func start(_ session: AdminSession, uptime: Int) -> Console {
        Console(
            ConsoleContext(session, environment: nil, readOnly: false), now: session.clock.now, uptime: uptime)
    }

    /// Starts it again, after it was left.
    mutating func startOver() {
        (hasQuit, orders, answers) = (false, [], [])
        console = Self.start(session, uptime: uptime)
        send(.input(.resized(size)))
    }

    mutating func press(_ key: Key) {
        uptime += 60
        send(.input(.key(key)))
    }

    mutating func paste(_ text: String) { send(.input(.paste(text))) }

    mutating func click(_ act: Pointer.Act, column: Int, row: Int) {
        send(.input(.pointer(Pointer(act, at: Position(column: column, row: row)))))
    }

    mutating func resize(_ size: Size) {
        self.size = size
        send(.input(.resized(size)))
    }

    /// The far terminal has shown what was painted.
    mutating func show() {
        isFarAway = false
        send(.input(.painted))
    }

    /// Lets time pass, and tells the console once it asked for that; false once there is nothing more to tell until then.
    mutating func tick(until moment: Int) -> Bool {
        guard let tick = console.nextTick, console.shared.uptime + tick <= moment, !hasQuit else {
            uptime = moment
            return false
        }
        uptime = max(uptime, console.shared.uptime + tick)
        send(.tick)
        return true
    }

    mutating func take(_ answer: Answer) { if !hasQuit { send(.answer(answer)) } }

    /// Has one order done, and keeps what is heard of it.
    mutating func carryOutNext() async {
        let order = orders.removeFirst()
        let mailbox = Mailbox<Answer>()
        await order.work.run(as: order.request, on: session, post: mailbox.post)
        answers += mailbox.drain()
    }

    private mutating func send(_ event: LoopEvent<Answer>) {
        for effect in console.update(event, now: session.clock.now, uptime: uptime) {
            switch effect {
            case .run(let request, let work): orders.append(Order(request: request, work: work))
            case .stop(let lane): orders.removeAll { $0.work.lane == lane }
            case .quit: hasQuit = true
            case .awaitPaint: if !isFarAway { send(.input(.painted)) }
            default: break
            }
        }
    }
}
