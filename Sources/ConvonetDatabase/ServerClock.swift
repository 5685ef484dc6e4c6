public import OperatingSystem

/// The server's clock: asked once, and carried on by this machine's clock for stretches of time, which nobody sets.
///
/// By it “10 minutes ago” is the same for everybody, and the same as in the log, however wrong the operator's machine is.
public struct ServerClock: Equatable, Sendable {
    private let time: Timestamp
    private let askedAt: Int64

    /// The clock that said this just now.
    public init(saying time: Timestamp) {
        self.time = time
        askedAt = SystemClock.microsecondsAwakeOrAsleep()
    }

    /// The server's time now, as far as it is known here.
    public var now: Timestamp {
        Timestamp(microseconds: time.microseconds &+ (SystemClock.microsecondsAwakeOrAsleep() - askedAt))
    }
}
