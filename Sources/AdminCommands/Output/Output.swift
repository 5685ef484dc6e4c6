import Glibc
import ProgramStart
import TerminalKit

/// Data goes to standard output, talk to standard error.
enum Output {
    /// Writes lines of data as they are.
    static func data(_ text: String) throws(CommandFailure) {
        try write(text + "\n", to: STDOUT_FILENO)
    }

    /// Writes UTF-8 as it is.
    static func data(_ bytes: [UInt8]) throws(CommandFailure) { try write(bytes, to: STDOUT_FILENO) }

    /// Writes what the program says of itself; the exit code.
    static func answer(_ text: String) -> Int32 {
        do {
            try data(text)
            return ExitStatus.done.rawValue
        } catch {
            return error.status.rawValue
        }
    }

    /// Writes one line for a person; whatever could disturb a terminal is made visible.
    static func line(_ text: String) throws(CommandFailure) {
        try data(visibleLines(text))
    }

    /// Says something to the person; where nobody listens that is no error.
    static func say(_ text: String) {
        try? write(visibleLines(text) + "\n", to: STDERR_FILENO)
    }

    /// Words of several lines, of which none but the first begins at the margin: a name with a line end in it cannot look like a
    /// line of ours.
    static func indented(_ words: String, by columns: Int = 2) -> String {
        visibleLines(words).replacing("\n", with: "\n" + String(repeating: " ", count: columns))
    }

    /// The caller's own line ends stay; those within a person's data must have been made visible before.
    private static func visibleLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.visible(String($0)) }
            .joined(separator: "\n")
    }

    private static func write(_ text: String, to descriptor: Int32) throws(CommandFailure) {
        try write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(CommandFailure) {
        try writeWhole(bytes, to: descriptor) {
            CommandFailure(.unknown, "The result could not be written: \(String(cString: strerror(errno))).")
        }
    }

    /// Writes every byte; `failure` makes the error from errno where that cannot be.
    static func writeWhole(
        _ bytes: [UInt8], to descriptor: Int32, orFailWith failure: () -> CommandFailure
    ) throws(CommandFailure) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            // A reader that has enough, such as head, needs no words.
            if count < 0, errno == EPIPE { throw .silent(.unknown) }
            guard count > 0 else { throw failure() }
            offset += count
        }
    }
}
