import Glibc
import Synchronization

/// Jobs in the order in which they came, and the threads that run them.
package final class JobQueue: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let available = Semaphore()

    package init() {}

    /// Adds a thread.
    package func start() {
        detachThread { [self] in run() }
    }

    package func add(_ job: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting.append(job) }
        available.signal()
    }

    /// Ends the threads once nothing waits.
    package func stop() {
        state.withLock { $0.isStopped = true }
        available.signal()
    }

    private func run() {
        while true {
            available.wait()
            let next = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            if let next {
                next()
            } else if state.withLock({ $0.isStopped }) {
                // One end wakes the next.
                available.signal()
                return
            }
        }
    }
}

/// sem_t in memory that does not move.
private final class Semaphore: Sendable {
    // A semaphore is made to be used from several threads at once (sem_overview(7)); the pointer itself never changes.
    private nonisolated(unsafe) let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() {
        sem_post(semaphore)
    }

    func wait() {
        while sem_wait(semaphore) != 0 {}
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs `body` on a new thread that nobody waits for.
public func detachThread(_ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    var thread = pthread_t()
    let status = pthread_create(
        &thread, &attributes,
        { context in
            if let context {
                Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
            }
            return nil
        }, context)
    guard status == 0 else { endForWantOfThreads() }
}

/// Without the thread nothing goes on, and a trap would say nothing: EX_OSERR of sysexits(3).
private func endForWantOfThreads() -> Never {
    let words = Array("convonet: the system refuses another thread (ulimit -u, or the control group's limit).\n".utf8)
    _ = write(STDERR_FILENO, words, words.count)
    exit(71)
}
