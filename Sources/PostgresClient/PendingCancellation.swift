import Glibc

/// The cancellation of one request, from its first try until it can do no more harm.
///
/// The server ignores one that arrives before it has begun with the request, so it is sent again until there is an
/// answer; and one that is still on its way must not meet the next request.
struct PendingCancellation {
    private let handle: ConnectionHandle
    private var delivered = Flag()
    private let end = Deadline(in: .seconds(3))

    /// Asks for the first time.
    init(of handle: ConnectionHandle) {
        self.handle = handle
        handle.requestCancellation(delivered)
    }

    /// When to look after it again.
    var nextTry: Deadline { Deadline(in: .milliseconds(min(150, end.remaining))) }

    /// Asks again; false where the server has had long enough.
    mutating func tryAgain() -> Bool {
        guard end.remaining > 0 else { return false }
        if delivered.isSet {
            delivered = Flag()
            handle.requestCancellation(delivered)
        }
        return true
    }

    /// Waits until the last one was delivered; false where that takes too long and the connection had better be given up.
    func settle() -> Bool {
        while !delivered.isSet {
            guard end.remaining > 0 else { return false }
            usleep(500)
        }
        return true
    }
}
