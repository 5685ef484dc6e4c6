import Glibc
package import OperatingSystem

/// A moment of a clock that only goes forward, whatever is done to the wall clock.
public struct Deadline: Sendable {
    private let milliseconds: Int

    /// So long from now.
    public init(in duration: Duration) { milliseconds = SystemClock.milliseconds() + duration.milliseconds }

    private init(milliseconds: Int) { self.milliseconds = milliseconds }

    /// How long it is until then; zero afterwards.
    public var timeLeft: Duration { .milliseconds(remaining) }

    /// Milliseconds until then; 0 afterwards.
    var remaining: Int { max(0, milliseconds - SystemClock.milliseconds()) }

    /// The earlier of both.
    func orSooner(_ other: Deadline?) -> Deadline {
        Deadline(milliseconds: min(milliseconds, other?.milliseconds ?? milliseconds))
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

/// How a wait can be interrupted: somebody sets the flag and fires the signal.
package struct WaitInterruption {
    package let wake: WakeSignal
    let flag: Flag

    /// Whether somebody did.
    package var isSet: Bool { flag.isSet }

    func check() throws(PostgresError) {
        if flag.isSet { throw .cancelled }
    }
}

enum Waited {
    case ready
    case woken
    case timedOut
}

/// Waits for the socket to become ready, for `wake`, or for the deadline, whichever is first.
func waitFor(_ socket: Int32, _ events: Int32, wake: WakeSignal?, until deadline: Deadline) -> Waited {
    var list = [pollfd(fd: socket, events: Int16(events), revents: 0)]
    if let wake { list.append(pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)) }
    while true {
        let count = poll(&list, nfds_t(list.count), Int32(clamping: deadline.remaining))
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return .timedOut }
        if list[0].revents != 0 { return .ready }
        wake?.drain()
        return .woken
    }
}
