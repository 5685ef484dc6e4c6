import Glibc
import ProgramStart

/// Where an export goes: standard output, or a new file that nobody else can read.
final class DataSink {
    private let descriptor: Int32
    private let path: String?
    private var buffer: [UInt8] = []
    private var isFinished = false

    private static let bufferSize = 65536

    /// Standard output for nil; never overwrites a file.
    ///
    /// Until all is written the file's name ends in `.partial`: half a log would be taken for a whole one.
    init(path: String?) throws(CommandFailure) {
        // Before there is an object whose end removes the file: another's must stay.
        descriptor = if let path { try Self.create(path) } else { STDOUT_FILENO }
        self.path = path
    }

    private static func create(_ path: String) throws(CommandFailure) -> Int32 {
        var state = stat()
        if lstat(path, &state) == 0 { throw isThere(path) }
        let descriptor = open(partial(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return descriptor }
        if errno == EEXIST { throw isThere(partial(path)) }
        throw CommandFailure(
            .refused, "\(path) cannot be written: \(String(cString: strerror(errno))). Name another file.")
    }

    private static func isThere(_ path: String) -> CommandFailure {
        CommandFailure(.refused, "\(path) is there already, and never overwritten. Name a new file.")
    }

    private static func partial(_ path: String) -> String { path + ".partial" }

    deinit {
        guard let path else { return }
        close(descriptor)
        if !isFinished { unlink(Self.partial(path)) }
    }

    /// Writes text, sooner or later.
    func write(_ text: String) throws(CommandFailure) {
        buffer += text.utf8
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the rest; of a file, down to the disk.
    func finish() throws(CommandFailure) {
        try flush()
        guard let path else { return }
        // link(2), unlike rename(2), overwrites nothing that came to be there meanwhile.
        guard fsync(descriptor) == 0, link(Self.partial(path), path) == 0 else { throw Self.failure(path) }
        unlink(Self.partial(path))
        isFinished = true
    }

    private func flush() throws(CommandFailure) {
        try Output.writeWhole(buffer, to: descriptor) { Self.failure(path ?? "Standard output") }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ place: String) -> CommandFailure {
        CommandFailure(.unknown, "\(place) could not be written as a whole: \(String(cString: strerror(errno))).")
    }
}
