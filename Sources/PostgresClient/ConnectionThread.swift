import OperatingSystem

/// The thread on which one connection does all its waiting.
///
/// libpq is a state machine around one socket and must not be entered twice at once. Giving each connection a thread
/// of its own, as the executor of its actor, makes that so, and lets the actor wait in poll(2) without holding up
/// the shared threads of Swift concurrency.
final class ConnectionThread: SerialExecutor {
    private let jobs = JobQueue()

    init() {
        jobs.start()
    }

    deinit {
        jobs.stop()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let (job, executor) = (UnownedJob(job), asUnownedSerialExecutor())
        jobs.add { job.runSynchronously(on: executor) }
    }
}
