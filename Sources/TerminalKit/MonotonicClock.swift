import Glibc

/// Time that only goes forward, whatever is done to the wall clock.
public enum MonotonicClock {
    /// Milliseconds since some moment in the past.
    public static func milliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
