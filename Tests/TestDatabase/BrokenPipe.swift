internal import Glibc

/// A pipe or socket that nobody reads any more.
public enum BrokenPipe {
    /// Makes writing to one an error for the tests, as it is for the programs, and not the end of them all.
    ///
    /// Whatever they start gets the signal's default back.
    public static let isAnError: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
