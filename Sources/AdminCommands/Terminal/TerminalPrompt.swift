import CGlibc
import ConvonetCore
import Credentials
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

    /// A secret, shown as stars; throws the signal's exit code on Ctrl-C, a signal, or when the terminal goes away.
    ///
    /// It is given back as it was entered, but for the form of its characters: the rules say what must not be in it. A key
    /// that means nothing here is kept as Escape, so that they refuse it, rather than that it is left out unseen.
    func secret(_ question: String) throws(CommandFailure) -> Secret {
        var secret = Secret(utf8: [])
        try readKeys(question) { key, show in
            switch key {
            case .typed(0x15):
                show(String(repeating: "\u{8} \u{8}", count: secret.codePointCount))
                secret = Secret(utf8: [])
            case .typed(0x7F), .typed(0x08):
                guard secret.codePointCount > 0 else { return }
                secret = secret.removing(codePointAt: secret.codePointCount - 1)
                show("\u{8} \u{8}")
            case .typed(let byte), .pasted(let byte):
                // What is no UTF-8 is taken too, and refused later.
                let before = secret.codePointCount
                secret = secret.appending(byte: byte)
                if secret.codePointCount > before { show("*") }
            case .other:
                secret = secret.appending(byte: 0x1B)
                show("*")
            }
        }
        return secret.composed
    }

    /// A line of text, shown as typed.
    func line(_ question: String) throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        try readKeys(question) { key, show in
            switch key {
            case .typed(0x15):
                let columns = TextWidth.columns(of: String(decoding: bytes, as: UTF8.self))
                show(String(repeating: "\u{8} \u{8}", count: columns))
                bytes = []
            case .typed(0x7F), .typed(0x08):
                var text = String(decoding: bytes, as: UTF8.self)
                guard let last = text.popLast() else { return }
                show(String(repeating: "\u{8} \u{8}", count: TextWidth.columns(of: String(last))))
                bytes = Array(text.utf8)
            case .typed(let byte) where byte >= 0x20, .pasted(let byte) where byte >= 0x20 && byte != 0x7F:
                bytes.append(byte)
                // A character of several bytes is shown when it is whole.
                if let text = String(validating: bytes, as: UTF8.self), let last = text.last { show(String(last)) }
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a prompt gets.
    private enum PromptKey {
        /// A byte of what was typed.
        case typed(UInt8)
        /// A byte of what was pasted, where the terminal says so: a line end in it does not end the answer.
        case pasted(UInt8)
        /// A key that means nothing here.
        case other
    }

    /// Hands over key after key until Enter (or Ctrl-D). Of what is pasted, one line end behind it is left out.
    private func readKeys(
        _ question: String, _ take: (PromptKey, (String) -> Void) -> Void
    ) throws(CommandFailure) {
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else {
            throw CommandFailure(.usage, "The terminal cannot be used for prompts. Use --stdin or --yes.")
        }
        // A signal must not end the process while the terminal shows nothing.
        let signals = cg_divert_signals()
        guard signals >= 0 else {
            throw CommandFailure(.defect, "Signals cannot be handled. This is a bug; please report it.")
        }
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
        var keys = PromptKeys()
        var isPaste = false
        var heldLineEnd: [UInt8] = []
        while true {
            for event in keys.take(try nextByte(unless: signals)) {
                switch event {
                case .pasteBegins: isPaste = true
                case .pasteEnds: (isPaste, heldLineEnd) = (false, [])
                case .otherKey: take(.other, show)
                case .byte(0x03): throw .silent(.interrupted)
                case .byte(0x0D) where isPaste && heldLineEnd.isEmpty,
                    .byte(0x0A) where isPaste && (heldLineEnd.isEmpty || heldLineEnd == [0x0D]):
                    if case .byte(let byte) = event { heldLineEnd.append(byte) }
                case .byte(let byte) where isPaste:
                    for held in heldLineEnd { take(.pasted(held), show) }
                    heldLineEnd = []
                    take(.pasted(byte), show)
                case .byte(0x0D), .byte(0x0A), .byte(0x04): return
                case .byte(let byte): take(.typed(byte), show)
                }
            }
        }
    }

    /// The next byte; throws when a signal came first, with its exit code, or the terminal went away.
    private func nextByte(unless signals: Int32) throws(CommandFailure) -> UInt8 {
        var waiting = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, nfds_t(waiting.count), -1) < 0 {
            guard errno == EINTR else { throw .silent(.hungUp) }
        }
        if waiting[1].revents != 0 { throw .ended(by: cg_diverted_signal()) }
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) == 1 else { throw .silent(.hungUp) }
        return byte
    }

    private func show(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
