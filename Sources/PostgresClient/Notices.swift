internal import CLibpq
import Synchronization

/// A notice of the server: what kind, never its text.
public struct Notice: Equatable, Sendable {
    /// `NOTICE`, `WARNING` and so on, not translated.
    public var severity: String
    /// Its code.
    public var sqlState: SQLState

    init(_ result: OpaquePointer) {
        severity = field(result, DiagnosticField.severity) ?? "NOTICE"
        sqlState = SQLState(field(result, DiagnosticField.sqlState) ?? "00000")
    }
}

/// What one connection's notices said.
final class NoticeLog: Sendable {
    /// Set by the warning that a commit was not waited for until a standby had it. It has no code of its own and its text
    /// is translated; where in the server it comes from (syncrep.c) tells it from those that a trigger makes.
    let sawUnreplicatedCommit = Flag()

    private let notices = Mutex<[Notice]>([])
    private let ended = Mutex<ConnectionEnding?>(nil)

    /// What was said as the connection ended, where nobody had asked anything.
    var ending: ConnectionEnding? { ended.withLock { $0 } }

    func append(_ result: OpaquePointer) {
        if let ending = ConnectionEnding(result) { ended.withLock { $0 = ending } }
        let notice = Notice(result)
        if notice.severity == "WARNING", field(result, DiagnosticField.function) == "SyncRepWaitForLSN" {
            sawUnreplicatedCommit.set()
        }
        notices.withLock { list in
            if list.count < 100 { list.append(notice) }
        }
    }

    func take() -> [Notice] {
        notices.withLock { list in
            defer { list = [] }
            return list
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
