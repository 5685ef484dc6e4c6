import CGlibc
import Dispatch
import Glibc
import ProgramStart

/// What a signal put an end to.
struct Interrupted: Error {
    /// The signal's number.
    var signal: Int32
    /// The error with which the work ended.
    var underlying: any Error
}

/// Ctrl-C and the like as the cancellation of what runs, so that the server hears of it too.
enum Interruption {
    /// Runs `body` in a task that SIGINT, SIGTERM and SIGHUP cancel instead of ending the process.
    static func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        let signals = cg_divert_signals()
        guard signals >= 0 else {
            throw CommandFailure(.defect, "Signals cannot be handled. This is a bug; please report it.")
        }
        let task = Task(operation: body)
        let watch = Task {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    var waiting = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
                    while poll(&waiting, 1, -1) < 0, errno == EINTR {}
                    task.cancel()
                    continuation.resume()
                }
            }
        }
        let result = await task.result
        let signal = cg_diverted_signal()
        cg_event_post(signals)
        await watch.value
        cg_restore_signals(signals)
        do {
            return try result.get()
        } catch  where signal != 0 {
            throw Interrupted(signal: signal, underlying: error)
        }
    }
}
