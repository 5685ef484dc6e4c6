import CGlibc
import Glibc
import OperatingSystem
import PostgresClient
import ProgramStart

/// Says that the console connects, and lets a signal or a closed terminal end the program while it does.
///
/// The console's signals are blocked before there is a second thread, and read like keys once it stands. Until then a
/// thread of this reads them.
final class ConnectingNotice: Sendable {
    private static let text = "Connecting…"

    /// Whether the words stay, as a line.
    private let isLinear: Bool
    private let signals: Int32
    private let ended = WakeSignal()
    /// Becomes readable when the thread has gone.
    private let gone = WakeSignal()

    init(isLinear: Bool = false) throws(CommandFailure) {
        self.isLinear = isLinear
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&set, signal) }
        signals = cg_signalfd(&set)
        guard signals >= 0, ended.descriptor >= 0, gone.descriptor >= 0 else {
            throw CommandFailure(.defect, "Signals cannot be handled. This is a bug; please report it.")
        }
        detachThread { [self] in watch() }
        Self.show(isLinear ? Self.text + "\n" : "\r" + Self.text)
    }

    /// Takes the words away; signals are the console's from here on.
    func end() {
        ended.fire()
        var waiting = pollfd(fd: gone.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, -1) < 0, errno == EINTR {}
        close(signals)
        if !isLinear { Self.show("\r" + String(repeating: " ", count: Self.text.count) + "\r") }
    }

    private func watch() {
        var waiting = [
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ended.descriptor, events: Int16(POLLIN), revents: 0),
            // Nothing is read here; only the end of the terminal shows.
            pollfd(fd: STDIN_FILENO, events: 0, revents: 0),
        ]
        while poll(&waiting, nfds_t(waiting.count), -1) < 0, errno == EINTR {}
        if waiting[1].revents == 0 {
            let number = waiting[0].revents != 0 ? cg_read_signal(signals) : SIGHUP
            if number != SIGHUP { Self.show("\n") }
            // Nothing has been changed, and what hangs in a call of the system would keep an orderly end waiting.
            _exit(128 + number)
        }
        gone.fire()
    }

    /// Opened anew to be non-blocking: a terminal that takes nothing must not keep the program.
    private static func show(_ text: String) {
        let terminal = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return }
        defer { close(terminal) }
        let bytes = Array(text.utf8)
        _ = write(terminal, bytes, bytes.count)
    }
}
