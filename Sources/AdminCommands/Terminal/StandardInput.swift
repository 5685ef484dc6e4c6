internal import CGlibc
import ConvonetCore
import Credentials
import Glibc
import ProgramStart

/// A secret from standard input, for `--stdin`.
enum StandardInput {
    /// More than any password or PIN can have; what is longer is refused.
    static let limit = 4096

    /// Whether nothing can come any more: it is closed, or at its end.
    static var isExhausted: Bool {
        var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return false }
        var state = stat()
        guard fstat(STDIN_FILENO, &state) == 0 else { return true }
        if state.st_mode & S_IFMT == S_IFREG { return lseek(STDIN_FILENO, 0, SEEK_CUR) >= state.st_size }
        // What is no pipe, no socket and no terminal, such as /dev/null, has nothing that is counted.
        var count: CInt = 0
        return ioctl(STDIN_FILENO, UInt(FIONREAD), &count) != 0 || count == 0
    }

    /// Everything that is there, without exactly one line ending; the rules say what must not be in it. `empty`: what to say where
    /// there is nothing.
    static func secret(
        empty: String = "Standard input is empty. Pipe the new value into --stdin."
    ) throws(CommandFailure) -> Secret {
        guard isatty(STDIN_FILENO) == 0 else {
            throw CommandFailure(
                .usage, "Standard input is a terminal, which would show what you type. Leave out --stdin to be asked.")
        }
        var bytes = [UInt8](repeating: 0, count: limit + 3)
        defer { bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let got = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress?.advanced(by: count), room) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw CommandFailure(.refused, "Standard input cannot be read: \(String(cString: strerror(errno))).")
            }
            if got == 0 { break }
            count += got
        }
        let end = bytes[..<count].suffix(2)
        if end.last == UInt8(ascii: "\n") { count -= end.first == UInt8(ascii: "\r") ? 2 : 1 }
        guard count > 0 else {
            throw CommandFailure(.refused, empty)
        }
        guard count <= limit else {
            throw CommandFailure(
                .refused, "Standard input has more than \(limit) bytes: too long for a password or PIN.")
        }
        return Secret(utf8: bytes[..<count]).composed
    }
}
