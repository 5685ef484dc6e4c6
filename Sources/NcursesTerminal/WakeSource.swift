import CGlibc
import Glibc

/// A descriptor that becomes readable when another thread wants the terminal's attention.
final class WakeSource: Sendable {
    let descriptor: Int32

    init() throws(TerminalFailure) {
        descriptor = cg_eventfd()
        if descriptor < 0 { throw .system("eventfd", errno: errno) }
    }

    deinit { close(descriptor) }

    func post() { cg_event_post(descriptor) }

    func clear() { cg_event_clear(descriptor) }
}
