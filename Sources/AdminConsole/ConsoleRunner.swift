import ConvonetCore
import Dispatch
import PostgresClient
import TerminalKit
import Threads

/// Performs the console's effects against the core, and posts what comes of them as answers.
final class ConsoleRunner {
    private let session: any ConsoleSession
    private let mailbox: Mailbox<Answer>
    private let keepColumns: @Sendable ([String]) -> String?
    /// One thread, so that requests reach the pool in the order in which they were asked for: the first page takes the
    /// connection that is there, and what is less urgent waits for another.
    private let thread = WorkerThreads(count: 1)
    /// The signal that ended the console; nil where somebody left it.
    private(set) var endedBy: Int32?
    /// What is read now: what begins in a lane takes the place of what was there.
    private var lanes: [Lane: Task<Void, Never>] = [:]

    init(
        session: any ConsoleSession, mailbox: Mailbox<Answer>, keepColumns: @escaping @Sendable ([String]) -> String?
    ) {
        self.session = session
        self.mailbox = mailbox
        self.keepColumns = keepColumns
    }

    func perform(_ effect: Effect) -> LoopControl {
        switch effect {
        case .read(let request, let work): read(request, work)
        case .carryOut(let request, let work): start(request, work)
        case .stop(let lane): lanes.removeValue(forKey: lane)?.cancel()
        case .copy(let text): return .copy(text)
        case .keepColumns(let request, let columns):
            let (mailbox, keepColumns) = (mailbox, keepColumns)
            Task.detached(executorPreference: thread) {
                mailbox.post(Answer(request: request, content: .end(.success(keepColumns(columns)))))
            }
        case .awaitPaint: return .awaitPaint
        case .redraw: return .redraw
        case .suspend: return .suspend
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

    private func read(_ request: Int, _ work: AnyWork) {
        let before = work.cleared.compactMap { lanes.removeValue(forKey: $0) }
        for task in before { task.cancel() }
        // The server must have let go of the last one: somebody who types fast has one query there, not ten.
        let task = start(request, work, after: before + [work.follows.flatMap { lanes[$0] }].compactMap { $0 })
        if let lane = work.lane { lanes[lane] = task }
    }

    /// Does the work away from the thread that draws.
    @discardableResult
    private func start(_ request: Int, _ work: AnyWork, after others: [Task<Void, Never>] = []) -> Task<Void, Never> {
        let (session, mailbox) = (session, mailbox)
        return Task.detached(executorPreference: thread) {
            for task in others { await task.value }
            // Nobody waits for the answer to what was cancelled.
            if !Task.isCancelled { await work.run(as: request, on: session, post: mailbox.post) }
        }
    }
}
