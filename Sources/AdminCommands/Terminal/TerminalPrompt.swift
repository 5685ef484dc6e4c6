import ConvonetCore
import Glibc

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

    /// A secret, shown as stars; throws `interrupted` on Ctrl-C or when the terminal goes away.
    func secret(_ question: String) throws(CommandFailure) -> Secret {
        var secret = Secret(utf8: [])
        var pending: [UInt8] = []
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
                // A character is taken when its last byte has come; what is no UTF-8 is taken too, and refused later.
                pending.append(byte)
                guard Self.isWhole(pending) else { return }
                secret = Secret(utf8: secret.withBytes { bytes in bytes.indices.map { bytes[$0] } } + pending)
                pending = []
                show("*")
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
                show(String(repeating: "\u{8} \u{8}", count: bytes.count))
                bytes = []
            case 0x7F, 0x08:
                if bytes.popLast() != nil { show("\u{8} \u{8}") }
            case 0x20...0x7E:
                bytes.append(byte)
                show(String(decoding: [byte], as: UTF8.self))
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func readKeys(_ question: String, _ take: (UInt8, (String) -> Void) -> Void) throws(CommandFailure) {
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else { throw CommandFailure(.usage, "The terminal cannot be used.") }
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        raw.c_iflag &= ~tcflag_t(ICRNL | IXON)
        // Keys typed before the question are not an answer to it.
        tcsetattr(descriptor, TCSAFLUSH, &raw)
        defer {
            tcsetattr(descriptor, TCSAFLUSH, &saved)
            show("\n")
        }
        // A signal must not end the process while the terminal shows nothing: it interrupts the read instead.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        var old: [(Int32, sigaction)] = []
        for signal in [SIGTERM, SIGHUP, SIGINT] {
            var before = sigaction()
            sigaction(signal, &action, &before)
            old.append((signal, before))
        }
        defer {
            for (signal, before) in old {
                var before = before
                sigaction(signal, &before, nil)
            }
        }
        show(question)
        while true {
            var byte: UInt8 = 0
            guard read(descriptor, &byte, 1) == 1, byte != 0x03 else { throw .silent(.interrupted) }
            if byte == 0x0D || byte == 0x0A || byte == 0x04 { return }
            take(byte, show)
        }
    }

    private func show(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(descriptor, bytes, bytes.count)
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        switch bytes[0] {
        case 0xC2...0xDF: bytes.count >= 2
        case 0xE0...0xEF: bytes.count >= 3
        case 0xF0...0xF4: bytes.count >= 4
        default: true
        }
    }
}
