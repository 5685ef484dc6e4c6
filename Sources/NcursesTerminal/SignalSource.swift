import CGlibc
import Glibc

/// The signals that a terminal program hears of, as a descriptor instead of interruptions.
final class SignalSource {
    static let signals = [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT]

    let descriptor: Int32

    init() throws(TerminalFailure) {
        var set = Self.set(of: Self.signals)
        descriptor = cg_signalfd(&set)
        if descriptor < 0 { throw .system("signalfd", errno: errno) }
    }

    deinit { close(descriptor) }

    /// The numbers of the signals that came, the first first.
    func read() -> [Int32] {
        var numbers: [Int32] = []
        while case let number = cg_read_signal(descriptor), number > 0 { numbers.append(number) }
        return numbers
    }

    static func block() {
        var set = set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Stops the process group as the terminal's own Ctrl-Z would, and returns when it is continued.
    ///
    /// Where no shell could continue it the kernel ignores the signal, and this returns at once.
    static func stopProcess() {
        var set = set(of: [SIGTSTP])
        let before = signal(SIGTSTP, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        kill(0, SIGTSTP)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGTSTP, before)
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
