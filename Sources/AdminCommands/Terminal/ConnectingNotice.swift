import CGlibc
import Glibc
import PostgresClient
import ProgramStart
import Threads

/// Says that the console connects, and lets a signal or a closed terminal end the program while it does.
///
/// The console's signals are blocked before there is a second thread, and read like keys once it stands. Until then a
/// thread of this reads them.
final class ConnectingNotice: Sendable {
    private static let text = "Connecting…"

    private let signals: Int32
    private let ended: Int32
    /// Becomes readable when the thread has gone.
    private let gone: Int32

    init() throws(CommandFailure) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&set, signal) }
        (signals, ended, gone) = (cg_signalfd(&set), cg_eventfd(), cg_eventfd())
        guard signals >= 0, ended >= 0, gone >= 0 else {
            throw CommandFailure(.defect, "Signals cannot be handled. This is a bug; please report it.")
        }
        detachThread { [self] in watch() }
        Self.show("\r" + Self.text)
    }

    /// Takes the words away; signals are the console's from here on.
    func end() {
        cg_event_post(ended)
        var waiting = pollfd(fd: gone, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, -1) < 0, errno == EINTR {}
        for descriptor in [signals, ended, gone] { close(descriptor) }
        Self.show("\r" + String(repeating: " ", count: Self.text.count) + "\r")
    }

    private func watch() {
        var waiting = [
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ended, events: Int16(POLLIN), revents: 0),
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
        cg_event_post(gone)
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
