import Glibc
import ProgramStart

/// Standard output, as `audit follow` writes to it: whole lines, and of a file down to the disk before the cursor goes on.
struct FeedOutput {
    private let isFile: Bool

    /// Ends the line within which an earlier run was stopped, as by a loss of power: its event comes again, on a line of its own.
    init() throws(CommandFailure) {
        var state = stat()
        isFile = fstat(STDOUT_FILENO, &state) == 0 && state.st_mode & S_IFMT == S_IFREG
        if isFile { lseek(STDOUT_FILENO, 0, SEEK_END) }
        if isFile, state.st_size > 0, let last = Self.byte(at: state.st_size - 1), last != UInt8(ascii: "\n") {
            try Output.data([UInt8(ascii: "\n")])
        }
    }

    /// Writes lines, all or none of them where that can be taken back.
    func write(_ lines: [UInt8]) throws(CommandFailure) {
        let end = isFile ? lseek(STDOUT_FILENO, 0, SEEK_END) : -1
        do {
            try Output.data(lines)
        } catch {
            // The next run's first line would run into half a line.
            if end >= 0, ftruncate(STDOUT_FILENO, end) == 0 { lseek(STDOUT_FILENO, end, SEEK_SET) }
            throw error
        }
        // Some file systems and devices have nothing to synchronise.
        guard !isFile || fdatasync(STDOUT_FILENO) == 0 || errno == EINVAL || errno == EROFS else {
            throw CommandFailure(
                .unknown, "The output could not be brought to the disk: \(String(cString: strerror(errno))).")
        }
    }

    /// By another descriptor: a shell's `>>` opens for writing alone.
    private static func byte(at position: off_t) -> UInt8? {
        let file = open("/proc/self/fd/\(STDOUT_FILENO)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var byte: UInt8 = 0
        return pread(file, &byte, 1, position) == 1 ? byte : nil
    }
}
