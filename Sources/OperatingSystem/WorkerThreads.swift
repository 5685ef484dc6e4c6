import Glibc

/// Threads for tasks, in place of those of libdispatch: its pool, once used, wakes every second to look after itself.
public final class WorkerThreads: TaskExecutor {
    /// As many threads as the machine has processors, two at least; they are there from the first use on.
    public static let shared = WorkerThreads(count: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    private let jobs = JobQueue()

    /// Threads for tasks that stay as long as the program; a single one begins tasks in the order in which they were made.
    public init(count: Int) {
        for _ in 0..<count { jobs.start() }
    }

    /// Runs a task's next step as soon as a thread is free.
    public func enqueue(_ job: consuming ExecutorJob) {
        let (job, executor) = (UnownedJob(job), asUnownedTaskExecutor())
        jobs.add { job.runSynchronously(on: executor) }
    }
}
