import ConvonetCore
import Credentials
import Glibc
import ProgramStart

/// A secret from standard input, for `--stdin`.
enum StandardInput {
    /// More than any password or PIN can have; what is longer is refused.
    static let limit = 4096

    /// Everything that is there, without exactly one line ending; the rules say what must not be in it.
    static func secret() throws(CommandFailure) -> Secret {
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
            throw CommandFailure(.refused, "Standard input is empty. Pipe the new value into --stdin.")
        }
        guard count <= limit else {
            throw CommandFailure(
                .refused, "Standard input has more than \(limit) bytes: too long for a password or PIN.")
        }
        return Secret(utf8: bytes[..<count]).composed
    }
}
