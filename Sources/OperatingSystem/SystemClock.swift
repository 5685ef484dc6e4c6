internal import Glibc

/// The system's clocks.
public enum SystemClock {
    /// Milliseconds since some moment in the past, by the clock that only goes forward, whatever is done to the wall clock.
    public static func milliseconds() -> Int { Int(microseconds(CLOCK_MONOTONIC) / 1000) }

    /// Microseconds since some moment in the past, by a clock that only goes forward, also while the machine sleeps.
    package static func microsecondsAwakeOrAsleep() -> Int64 { microseconds(CLOCK_BOOTTIME) }

    static func microseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
