import Glibc
import TerminalKit

/// Keys and pastes from standard input.
struct InputSource {
    /// Whether the other end is gone; then there is nothing to poll for.
    private(set) var isEnded = false
    private var decoder: InputDecoder
    private var lastByte = 0

    /// Whether the terminal is to say where its cursor stands.
    var expectsReport: Bool {
        get { decoder.expectsReport }
        set { decoder.expectsReport = newValue }
    }

    /// `escapeDelay` in milliseconds, as curses' ESCDELAY.
    init(
        sequences: KeySequences, escapeDelay: Int = InputDecoder.escapeDelay, takesPointer: Bool = false
    ) {
        decoder = InputDecoder(sequences: sequences, escapeDelay: escapeDelay, takesPointer: takesPointer)
    }

    var descriptor: Int32 { isEnded ? -1 : STDIN_FILENO }

    /// The milliseconds until what is unfinished has to be taken as it is.
    func patience(now: Int) -> Int? {
        decoder.patience.map { max(0, lastByte + $0 - now) }
    }

    /// Reads what is there, once; must be called only when something is, or the other end is gone.
    mutating func read(now: Int) -> [Input] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        guard count > 0 else {
            isEnded = true
            return [.endOfInput]
        }
        lastByte = now
        return decoder.feed(bytes[..<count])
    }

    /// Takes what is unfinished as it is, if nothing has come for long enough.
    mutating func expire(now: Int) -> [Input] {
        patience(now: now) == 0 ? decoder.silence() : []
    }

    /// Reads and drops all that is there but reports; the end of input is not dropped.
    mutating func discard(now: Int) -> [Input] {
        var reports: [Input] = []
        // A paste without an end must not keep the program here.
        for _ in 0..<256 where isReadable { reports += read(now: now).filter { $0 == .painted } }
        decoder.discard()
        return reports + (isEnded ? [.endOfInput] : [])
    }

    private var isReadable: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return !isEnded && poll(&entry, 1, 0) > 0
    }
}
