import Glibc

/// Where an export goes: standard output, or a new file that nobody else can read.
final class DataSink {
    private let descriptor: Int32
    private let path: String?
    private var buffer: [UInt8] = []
    private var isFinished = false

    private static let bufferSize = 65536

    /// Standard output for nil; never overwrites a file.
    init(path: String?) throws(CommandFailure) {
        // Before there is an object whose end removes the file: another's must stay.
        descriptor = if let path { try Self.create(path) } else { STDOUT_FILENO }
        self.path = path
    }

    private static func create(_ path: String) throws(CommandFailure) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let next = errno == EEXIST ? "It is never overwritten: name a new file." : "Name another file."
            throw CommandFailure(.refused, "\(path) cannot be written: \(String(cString: strerror(errno))). \(next)")
        }
        return descriptor
    }

    deinit {
        guard let path else { return }
        close(descriptor)
        // Half a log under the name of a whole one would be taken for it.
        if !isFinished { unlink(path) }
    }

    /// Writes text, sooner or later.
    func write(_ text: String) throws(CommandFailure) {
        buffer += text.utf8
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the rest; of a file, down to the disk.
    func finish() throws(CommandFailure) {
        try flush()
        if let path, fsync(descriptor) != 0 { throw Self.failure(path) }
        isFinished = true
    }

    private func flush() throws(CommandFailure) {
        var offset = 0
        while offset < buffer.count {
            let count = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            // A reader that has enough, such as head, needs no words.
            if count < 0, errno == EPIPE { throw .silent(.unknown) }
            guard count > 0 else { throw Self.failure(path ?? "Standard output") }
            offset += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ place: String) -> CommandFailure {
        CommandFailure(.unknown, "\(place) could not be written as a whole: \(String(cString: strerror(errno))).")
    }
}
