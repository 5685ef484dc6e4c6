import OperatingSystem
internal import Synchronization

/// Hashes passwords, so many computations at once and no more: each takes a core for a fifth of a second, and a new hash is
/// two of them.
///
/// What comes while all are busy waits in a line of bounded length, and what comes after that is turned away at once.
final class HashingQueue: Sendable {
    /// The line is full.
    struct Overloaded: Error {}

    private struct State {
        /// Of what was taken, what has not ended.
        var open = 0
        /// Requests of which nothing has begun; the second half of one does not count.
        var waiting = 0
        /// Where the requests of strangers come from that have not ended.
        var strangers: Set<String> = []
        /// How many were turned away.
        var refused = 0
    }

    /// How much there is to do.
    struct Load: Equatable, Sendable {
        /// Computations at once, at most.
        var threads: Int
        /// Computations under way.
        var running: Int
        /// Requests of which nothing has begun.
        var waiting: Int
        /// Requests that were turned away since the start.
        var refused: Int
    }

    private let state = Mutex(State())
    private let jobs = JobQueue()
    private let threads: Int
    private let capacity: Int

    /// A queue of so many threads, before which so many requests may wait.
    init(threads: Int, capacity: Int) {
        self.threads = threads
        self.capacity = capacity
        for _ in 0..<threads { jobs.start() }
    }

    deinit { jobs.stop() }

    /// How much there is to do now.
    var load: Load {
        state.withLock {
            Load(threads: threads, running: min($0.open, threads), waiting: $0.waiting, refused: $0.refused)
        }
    }

    /// Runs the work on one of the threads; throws `Overloaded` where too many wait already.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit([{ continuation.resume(with: Result { try work() }) }])
            if !isTaken { continuation.resume(throwing: Overloaded()) }
        }
    }

    /// The same for whoever brought nothing that few can have: one at a time from each address, and an eighth of the line for all of
    /// them together, so that they keep nobody out who has a link or is signed in.
    func run<Value: Sendable>(forStranger client: String, _ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        let isAdmitted = state.withLock { state in
            let isAdmitted = state.strangers.count < max(1, capacity / 8) && state.strangers.insert(client).inserted
            if !isAdmitted { state.refused += 1 }
            return isAdmitted
        }
        guard isAdmitted else { throw Overloaded() }
        defer { _ = state.withLock { $0.strangers.remove(client) } }
        return try await run(work)
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

    /// Takes one request's jobs, all or none: false where too many wait already.
    private func submit(_ work: [@Sendable () -> Void]) -> Bool {
        state.withLock { state in
            guard state.open < threads || state.waiting < capacity else {
                state.refused += 1
                return false
            }
            for (index, job) in work.enumerated() {
                let waits = index == 0 && state.open >= threads
                state.open += 1
                if waits { state.waiting += 1 }
                jobs.add { [self] in
                    if waits { self.state.withLock { $0.waiting -= 1 } }
                    job()
                    self.state.withLock { $0.open -= 1 }
                }
            }
            return true
        }
    }
}
