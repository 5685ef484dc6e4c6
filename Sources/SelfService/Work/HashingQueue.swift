internal import Dispatch
internal import Synchronization

/// Hashes passwords, so many at once and no more: each takes a core for a fifth of a second.
///
/// What comes while all are busy waits in a line of bounded length, and what comes after that is turned away at once.
final class HashingQueue: Sendable {
    /// The line is full.
    struct Overloaded: Error {}

    private struct State {
        var idle: [DispatchQueue]
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>
    private let capacity: Int

    /// A queue of so many threads, before which so many may wait.
    init(threads: Int, capacity: Int) {
        self.capacity = capacity
        state = Mutex(State(idle: (0..<threads).map { DispatchQueue(label: "hashing \($0)") }))
    }

    /// Runs the work on one of the threads; throws `Overloaded` where too many wait already.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit { continuation.resume(with: Result { try work() }) }
            if !isTaken { continuation.resume(throwing: Overloaded()) }
        }
    }

    private func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (thread, isTaken): (DispatchQueue?, Bool) = state.withLock { state in
            if let thread = state.idle.popLast() { return (thread, true) }
            guard state.waiting.count < capacity else { return (nil, false) }
            state.waiting.append(job)
            return (nil, true)
        }
        if let thread { start(job, on: thread) }
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
                return state.waiting.removeFirst()
            }
            if let next { self.start(next, on: thread) }
        }
    }
}
