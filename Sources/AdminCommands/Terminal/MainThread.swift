import Dispatch
import OperatingSystem
import PostgresClient
import Synchronization

private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}

/// Work for the process's first thread, which otherwise waits for the command to end.
///
/// The console belongs on that thread: its signal mask is what a signal meets first. An asynchronous `main` will not do,
/// since libdispatch parks the first thread in sigsuspend(2) with no signal blocked, where each of them is lost.
final class MainThread: Sendable {
    static let shared = MainThread()

    private let work = Mutex<[@Sendable () -> Void]>([])
    private let available = DispatchSemaphore(value: 0)

    /// Runs the command elsewhere and what it sends here; to be called on the first thread. Returns the command's result.
    func serve<Value: Sendable>(until command: sending @escaping () async -> Value) -> Value {
        let result = Outcome<Value>()
        Task.detached(executorPreference: WorkerThreads.shared) {
            let value = await command()
            self.submit { result.value.withLock { $0 = value } }
        }
        while true {
            if let value = result.value.withLock({ $0 }) { return value }
            available.wait()
            let next = work.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            next?()
        }
    }

    /// Runs `body` on the first thread, which may be held up by it for as long as it likes.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }

    private func submit(_ body: @escaping @Sendable () -> Void) {
        work.withLock { $0.append(body) }
        available.signal()
    }
}
