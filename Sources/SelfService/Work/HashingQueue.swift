internal import Dispatch
internal import Synchronization

/// Hashes passwords, so many computations at once and no more: each takes a core for a fifth of a second, and a new hash is
/// two of them.
///
/// What comes while all are busy waits in a line of bounded length, and what comes after that is turned away at once.
final class HashingQueue: Sendable {
    /// The line is full.
    struct Overloaded: Error {}

    private struct Job: Sendable {
        var run: @Sendable () -> Void
        /// Whether it counts in the line; the second half of what was taken does not.
        var counts: Bool
    }

    private struct State {
        var idle: [DispatchQueue]
        var waiting: [Job] = []
        var countedWaiting: Int { waiting.count(where: \.counts) }
    }

    private let state: Mutex<State>
    private let capacity: Int

    /// A queue of so many threads, before which so many requests may wait.
    init(threads: Int, capacity: Int) {
        self.capacity = capacity
        state = Mutex(State(idle: (0..<threads).map { DispatchQueue(label: "hashing \($0)") }))
    }

    /// Runs the work on one of the threads; throws `Overloaded` where too many wait already.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit([{ continuation.resume(with: Result { try work() }) }])
            if !isTaken { continuation.resume(throwing: Overloaded()) }
        }
    }

    /// Runs the work twice, at the same time where two threads are free, and gives both results. Each of the two holds a
    /// thread of the queue; both are taken, or neither.
    func runTwice<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> (Value, Value) {
        let first = Mutex<Value?>(nil)
        return try await withCheckedThrowingContinuation { continuation in
            let job: @Sendable () -> Void = {
                let value = work()
                let other = first.withLock { kept -> Value? in
                    defer { kept = kept ?? value }
                    return kept
                }
                if let other { continuation.resume(returning: (other, value)) }
            }
            if !submit([job, job]) { continuation.resume(throwing: Overloaded()) }
        }
    }

    private func submit(_ jobs: [@Sendable () -> Void]) -> Bool {
        let (started, isTaken): ([(DispatchQueue, @Sendable () -> Void)], Bool) = state.withLock { state in
            guard !state.idle.isEmpty || state.countedWaiting < capacity else { return ([], false) }
            var started: [(DispatchQueue, @Sendable () -> Void)] = []
            for (index, job) in jobs.enumerated() {
                if let thread = state.idle.popLast() {
                    started.append((thread, job))
                } else {
                    state.waiting.append(Job(run: job, counts: index == 0))
                }
            }
            return (started, true)
        }
        for (thread, job) in started { start(job, on: thread) }
        return isTaken
    }

    private func start(_ job: @escaping @Sendable () -> Void, on thread: DispatchQueue) {
        thread.async {
            job()
            let next: (@Sendable () -> Void)? = self.state.withLock { state in
                guard !state.waiting.isEmpty else {
                    state.idle.append(thread)
                    return nil
                }
                return state.waiting.removeFirst().run
            }
            if let next { self.start(next, on: thread) }
        }
    }
}
