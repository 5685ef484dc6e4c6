import ConsoleParts
import ConsoleRequests
import ConvonetCore
import Dispatch
import OperatingSystem
import PostgresClient
import TerminalKit

/// Performs the console's effects against the core, and posts what comes of them as answers.
final class ConsoleRunner {
    private let session: any ConsoleSession
    private let mailbox: Mailbox<Answer>
    /// One thread, so that requests reach the pool in the order in which they were asked for: the first page takes the
    /// connection that is there, and what is less urgent waits for another.
    private let thread = WorkerThreads(count: 1)
    /// The signal that ended the console; nil where somebody left it.
    private(set) var endedBy: Int32?
    /// The database for which the console was left; nil where it ended.
    private(set) var next: Opening?
    /// What is done now: what begins in a lane takes the place of what was there.
    private var lanes: [Lane: Task<Void, Never>] = [:]

    init(session: any ConsoleSession, mailbox: Mailbox<Answer>) {
        self.session = session
        self.mailbox = mailbox
    }

    func perform(_ effect: Effect) -> LoopControl {
        switch effect {
        case .run(let request, let work): run(request, work)
        // It keeps its place: what comes next in its lane waits until the server has let go.
        case .stop(let lane): lanes[lane]?.cancel()
        case .copy(let text): return .copy(text)
        case .awaitPaint: return .awaitPaint
        case .ring: return .ring
        case .redraw: return .redraw
        case .suspend: return .suspend
        case .leave(let opening):
            next = opening
            return .quit
        case .quit(let signal):
            endedBy = signal
            return .quit
        }
        return .go
    }

    /// Ends what still reads, so that it does not go on at the server; waits for that no longer than a moment.
    func stop() {
        let tasks = Array(lanes.values)
        for task in tasks { task.cancel() }
        let ended = DispatchSemaphore(value: 0)
        Task.detached(executorPreference: thread) {
            for task in tasks { await task.value }
            ended.signal()
        }
        _ = ended.wait(timeout: .now() + .milliseconds(500))
    }

    /// Does the work away from the thread that draws.
    private func run(_ request: Int, _ work: AnyWork) {
        let before = work.cleared.compactMap { lanes.removeValue(forKey: $0) }
        for task in before { task.cancel() }
        // The server must have let go of the last one: somebody who types fast has one query there, not ten.
        let others = before + [work.follows.flatMap { lanes[$0] }].compactMap { $0 }
        let task = Task.detached(executorPreference: thread) { [session, mailbox] in
            for task in others { await task.value }
            // Nobody waits for the answer to what was cancelled.
            if !Task.isCancelled { await work.run(as: request, on: session, post: mailbox.post) }
        }
        if let lane = work.lane { lanes[lane] = task }
    }
}
