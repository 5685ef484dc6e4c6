internal import CGlibc
internal import Glibc

/// Wakes a thread that waits in poll(2), from any other thread.
package final class WakeSignal: Sendable {
    /// Becomes readable when the signal is fired; -1, with errno, where the system has none to give.
    package let descriptor: Int32

    package init() { descriptor = cg_eventfd() }

    deinit { close(descriptor) }

    package func fire() { cg_event_post(descriptor) }

    /// Is unreadable again until the next time.
    package func drain() { cg_event_clear(descriptor) }
}
