import CGlibc
import ConvonetCore
import Glibc
import ProgramStart
import TerminalKit

/// Asks on the controlling terminal, even where standard input and output are something else.
///
/// While it asks, the terminal shows a star a character, and Ctrl-C is read as a key, so that the terminal is always
/// given back as it was.
struct TerminalPrompt {
    private let descriptor: Int32

    /// The terminal, or nil where the process has none.
    init?() {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    func finish() { close(descriptor) }

    /// A secret, shown as stars; throws `interrupted` on Ctrl-C, a signal, or when the terminal goes away.
    func secret(_ question: String) throws(CommandFailure) -> Secret {
        var secret = Secret(utf8: [])
        try readKeys(question) { byte, show in
            switch byte {
            case 0x15:
                show(String(repeating: "\u{8} \u{8}", count: secret.codePointCount))
                secret = Secret(utf8: [])
            case 0x7F, 0x08:
                guard secret.codePointCount > 0 else { return }
                secret = secret.removing(codePointAt: secret.codePointCount - 1)
                show("\u{8} \u{8}")
            default:
                // What is no UTF-8 is taken too, and refused later.
                let before = secret.codePointCount
                secret = secret.appending(byte: byte)
                if secret.codePointCount > before { show("*") }
            }
        }
        return secret
    }

    /// A line of text, shown as typed.
    func line(_ question: String) throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        try readKeys(question) { byte, show in
            switch byte {
            case 0x15:
                let columns = TextWidth.columns(of: String(decoding: bytes, as: UTF8.self))
                show(String(repeating: "\u{8} \u{8}", count: columns))
                bytes = []
            case 0x7F, 0x08:
                var text = String(decoding: bytes, as: UTF8.self)
                guard let last = text.popLast() else { return }
                show(String(repeating: "\u{8} \u{8}", count: TextWidth.columns(of: String(last))))
                bytes = Array(text.utf8)
            case 0x20...0x7E, 0x80...0xFF:
                bytes.append(byte)
                // A character of several bytes is shown when it is whole.
                if let text = String(validating: bytes, as: UTF8.self), let last = text.last { show(String(last)) }
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Hands over byte after byte until Enter (or Ctrl-D).
    private func readKeys(_ question: String, _ take: (UInt8, (String) -> Void) -> Void) throws(CommandFailure) {
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else { throw CommandFailure(.usage, "The terminal cannot be used.") }
        // A signal must not end the process while the terminal shows nothing.
        let signals = cg_divert_signals()
        guard signals >= 0 else { throw CommandFailure(.defect, "Signals cannot be waited for.") }
        defer { cg_restore_signals(signals) }
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        raw.c_iflag &= ~tcflag_t(ICRNL | IXON)
        // Keys typed before the question are not an answer to it.
        tcsetattr(descriptor, TCSAFLUSH, &raw)
        defer {
            tcsetattr(descriptor, TCSAFLUSH, &saved)
            show("\n")
        }
        show(question)
        while let byte = nextByte(unless: signals), byte != 0x03 {
            if byte == 0x0D || byte == 0x0A || byte == 0x04 { return }
            take(byte, show)
        }
        throw .silent(.interrupted)
    }

    /// The next byte; nil when a signal came first or the terminal went away.
    private func nextByte(unless signals: Int32) -> UInt8? {
        var waiting = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, nfds_t(waiting.count), -1) < 0 {
            guard errno == EINTR else { return nil }
        }
        guard waiting[1].revents == 0 else { return nil }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 1 ? byte : nil
    }

    private func show(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
