internal import CLibpq
import Synchronization

/// What one connection's notices said; their texts, which can hold anybody's data, are not kept.
final class NoticeLog: Sendable {
    /// Set by the warning that a commit was not waited for until a standby had it. It has no code of its own and its text
    /// is translated; where in the server it comes from (syncrep.c) tells it from those that a trigger makes.
    let sawUnreplicatedCommit = Flag()

    private let ended = Mutex<ConnectionEnding?>(nil)

    /// What was said as the connection ended, where nobody had asked anything.
    var ending: ConnectionEnding? { ended.withLock { $0 } }

    func append(_ result: OpaquePointer) {
        if let ending = ConnectionEnding(result) { ended.withLock { $0 = ending } }
        if field(result, DiagnosticField.severity) == "WARNING",
            field(result, DiagnosticField.function) == "SyncRepWaitForLSN"
        {
            sawUnreplicatedCommit.set()
        }
    }
}

/// Something that one thread says and another sees.
final class Flag: Sendable {
    private let state = Atomic<Bool>(false)

    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
    func clear() { state.store(false, ordering: .releasing) }
}
