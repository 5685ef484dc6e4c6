import AuditVerification
import ConvonetCore
import Glibc
import OperatingSystem
import ProgramStart

/// Where `audit follow` goes on after it was stopped: a checkpoint in a file, which is replaced as a whole.
///
/// It is written after the events were, so that those since the last time come twice if the program ends in between, and none is left out.
struct FollowCursor: ~Copyable {
    private let path: String
    private let log: LogIdentity
    /// Held as long as this value lives.
    private let lock: Int32

    /// The cursor of a file; throws where another run uses it, for then each would leave out what the other wrote.
    init(path: String, log: LogIdentity) throws(CommandFailure) {
        // Where it is a link, what it leads to is replaced.
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        self.path = resolved.map { String(cString: $0) } ?? path
        self.log = log
        lock = open(self.path + ".lock", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw Self.unwritable(path) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw CommandFailure(
                .tryAgain, "Another “\(Program.name) audit follow” uses the cursor \(path). Keep a cursor for each.")
        }
    }

    deinit { close(lock) }

    /// Some lines.
    private static let largest = 1 << 16

    /// What was reached before; nil where there is no such file yet.
    func anchor() throws(CommandFailure) -> AuditAnchor? {
        let text: String
        do {
            text = String(decoding: try ReadableFile.contents(of: path, limit: Self.largest), as: UTF8.self)
        } catch .system(ENOENT) {
            return nil
        } catch {
            throw CommandFailure(.refused, "The cursor \(path) cannot be read: \(error).")
        }
        guard let anchor = AuditCheckpoint.anchor(parsing: text) else {
            throw CommandFailure(
                .refused,
                "\(path) is not a cursor of “\(Program.name) audit follow”, nor a checkpoint. Name another file.")
        }
        guard AuditCheckpoint.isAbout(log, text) else {
            throw CommandFailure(
                .refused,
                "The cursor \(path) is of another log than the one in the database “\(log.database)”. Keep a cursor for each, or "
                    + "remove it to begin with the first event.")
        }
        return anchor
    }

    /// Keeps what was reached.
    func keep(_ reached: AuditAnchor) throws(CommandFailure) {
        let checkpoint = AuditCheckpoint(log: log, sequence: reached.sequence, hash: reached.hash, madeAt: .now)
        let new = path + ".new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.unwritable(path) }
        defer { close(file) }
        try Output.writeWhole(Array(checkpoint.text.utf8), to: file) { Self.unwritable(path) }
        guard fsync(file) == 0 || errno == EINVAL || errno == EROFS, rename(new, path) == 0 else {
            throw Self.unwritable(path)
        }
    }

    private static func unwritable(_ path: String) -> CommandFailure {
        CommandFailure(
            .unknown,
            "The cursor \(path) could not be written: \(String(cString: strerror(errno))). Events after the last one that it names "
                + "come again. Check the directory's rights and space.")
    }
}
