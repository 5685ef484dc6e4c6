import Glibc
import OperatingSystem
import ProgramStart

/// Where an export goes: standard output, or a new file that nobody else can read.
final class DataSink {
    private let file: NewFile?
    private let path: String?
    private var buffer: [UInt8] = []

    private static let bufferSize = 65536

    /// Standard output for nil and for `-`; a file is never overwritten, and gets its name when it is whole.
    init(path: String?) throws(CommandFailure) {
        let path = path == "-" ? nil : path
        self.path = path
        do {
            file = try path.map { path throws(FileProblem) in try NewFile(path) }
        } catch {
            throw Self.refusal(path ?? "-", error)
        }
    }

    /// Whether it is a file.
    var isFile: Bool { file != nil }

    private static func refusal(_ path: String, _ problem: FileProblem) -> CommandFailure {
        CommandFailure(
            .refused,
            problem == .isThere
                ? "\(path), or \(path)\(NewFile.ending), already exists and is not overwritten. Name a new file."
                : "\(path) cannot be written: \(problem). Name another file.")
    }

    /// Writes text, sooner or later.
    func write(_ text: String) throws(CommandFailure) {
        buffer += text.utf8
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the rest; of a file, down to the disk, and gives it its name.
    func finish() throws(CommandFailure) {
        try flush()
        guard let file, let path else { return }
        do {
            try file.publish()
        } catch .isThere {
            throw Self.refusal(path, .isThere)
        } catch {
            throw CommandFailure(.unknown, "\(path) could not be written completely: \(error).")
        }
    }

    private func flush() throws(CommandFailure) {
        try Output.writeWhole(buffer, to: file?.descriptor ?? STDOUT_FILENO) {
            CommandFailure(
                .unknown,
                "\(path ?? "Standard output") could not be written completely: \(String(cString: strerror(errno))).")
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
