import Glibc
import TerminalKit

/// Data goes to standard output, talk to standard error.
enum Output {
    /// Writes lines of data as they are.
    static func data(_ text: String) throws(CommandFailure) {
        try write(text + "\n", to: STDOUT_FILENO)
    }

    /// Writes one line for a person; whatever could disturb a terminal is made visible.
    static func line(_ text: String) throws(CommandFailure) {
        try data(text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.visible(String($0)) }.joined(separator: "\n"))
    }

    /// Says something to the person; where nobody listens that is no error.
    static func say(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try? write(lines.map { DisplayText.visible(String($0)) }.joined(separator: "\n") + "\n", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) throws(CommandFailure) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CommandFailure(.unknown, "The result could not be written: \(String(cString: strerror(errno))).")
            }
            offset += count
        }
    }
}
