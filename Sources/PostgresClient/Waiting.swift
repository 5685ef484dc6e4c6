import Glibc

/// A moment of the monotonic clock, in milliseconds.
struct Deadline {
    private let milliseconds: Int

    init(in duration: Duration) {
        let parts = duration.components
        milliseconds = Deadline.now + Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
    }

    var remaining: Int { max(0, milliseconds - Deadline.now) }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
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
