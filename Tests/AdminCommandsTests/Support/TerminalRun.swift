import CGlibc
import Glibc
import OperatingSystem
import TestPrograms
import Testing

/// The built program at a terminal of its own: what a person would type and see.
final class TerminalRun {
    /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which Swift does not import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private var master: Int32
    private var slave: Int32
    private let program: StartedProgram
    /// The process's id.
    var pid: pid_t { program.pid }
    /// Everything that the terminal showed.
    private(set) var transcript = ""
    private var seen = 0

    /// Starts it; a terminal that `isFull` takes nothing until somebody reads from it.
    init(_ arguments: [String], environment: [String: String], isFull: Bool = false) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        guard master >= 0, ioctl(master, Self.setLock, &unlocked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else {
            throw StartedProgram.StartFailure(path: "/dev/ptmx", errno: errno)
        }
        let path = "/dev/pts/\(number)"
        // Held open, so that the terminal's settings outlive the program.
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        if isFull { Self.fill(path) }
        program = try StartedProgram(arguments, environment: environment, terminal: path)
    }

    deinit { for descriptor in [master, slave] where descriptor >= 0 { close(descriptor) } }

    /// Waits until the text is shown, after what was waited for before; a failed expectation where it never is.
    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        while true {
            let rest = transcript.dropFirst(seen)
            if let range = rest.firstRange(of: text) {
                seen = transcript.distance(from: transcript.startIndex, to: range.upperBound)
                return
            }
            guard await readMore() else {
                Issue.record("“\(text)” was not shown; shown was: \(transcript)", sourceLocation: sourceLocation)
                return
            }
        }
    }

    /// Types text.
    func type(_ text: String) { type(Array(text.utf8)) }

    /// Types bytes.
    func type(_ bytes: [UInt8]) { _ = write(master, bytes, bytes.count) }

    private static func fill(_ path: String) {
        let writer = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        defer { close(writer) }
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 1024)
        while write(writer, bytes, bytes.count) > 0 {}
        while write(writer, bytes, 1) > 0 {}
    }

    /// Takes the terminal away, as when a connection ends.
    func hangUp() {
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        dup2(nowhere, master)
        close(nowhere)
    }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end and returns the exit code; what was shown last is in the transcript then.
    func wait() async -> Int32 {
        let status = await program.wait()
        while await hasMore(within: 0), await readMore() {}
        return status
    }

    /// The terminal's settings: flags and special keys.
    var settings: [UInt32] {
        var values = termios()
        tcgetattr(slave, &values)
        return [values.c_iflag, values.c_oflag, values.c_cflag, values.c_lflag]
    }

    private func readMore() async -> Bool {
        // Nothing at all within twenty seconds: the program hangs.
        guard await hasMore(within: 20_000) else {
            kill(pid, SIGKILL)
            return false
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        transcript += String(decoding: buffer[..<count], as: UTF8.self)
        return true
    }

    private func hasMore(within milliseconds: Int32) async -> Bool {
        let descriptor = master
        return await withCheckedContinuation { continuation in
            detachThread {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                continuation.resume(returning: poll(&waiting, 1, milliseconds) > 0)
            }
        }
    }
}
