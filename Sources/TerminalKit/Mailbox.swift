import Synchronization

/// Brings events from other threads to the thread that owns the terminal.
public final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// An empty mailbox that wakes nobody yet.
    public init() {}

    /// Adds `event` behind those that wait, and wakes the owner. Never blocks for long; callable from every thread.
    public func post(_ event: Event) {
        let wake = state.withLock { state in
            state.events.append(event)
            return state.wake
        }
        wake?()
    }

    /// Takes all events out, the oldest first.
    public func drain() -> [Event] {
        state.withLock { state in
            let events = state.events
            state.events = []
            return events
        }
    }

    /// Says how the owner is woken; nil stops that. Wakes at once if events wait already.
    public func onPost(_ wake: (@Sendable () -> Void)?) {
        let waiting = state.withLock { state in
            state.wake = wake
            return !state.events.isEmpty
        }
        if waiting { wake?() }
    }
}
