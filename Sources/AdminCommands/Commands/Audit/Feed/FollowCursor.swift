import AuditVerification
import ConvonetCore
import Glibc
import OperatingSystem
import ProgramStart

/// Where `audit follow` goes on after it was stopped: a checkpoint in a file, which is replaced as a whole.
///
/// It is written after the events were, so that those since the last time come twice if the program ends in between, and none is left out.
struct FollowCursor: ~Copyable {
    private let file: HeldFile
    private let log: LogIdentity

    /// The cursor of a file; throws where another run uses it, for then each would leave out what the other wrote.
    init(path: String, log: LogIdentity) throws(CommandFailure) {
        file = try Self.held(path)
        self.log = log
    }

    private static func held(_ path: String) throws(CommandFailure) -> HeldFile {
        do { return try HeldFile(path) } catch {
            guard HeldFile.isHeld(error) else { throw unwritable(path, error) }
            throw CommandFailure(
                .tryAgain, "Another “\(Program.name) audit follow” uses the cursor \(path). Keep a cursor for each.")
        }
    }

    /// Some lines.
    private static let largest = 1 << 16

    /// What was reached before; nil where there is no such file yet.
    func anchor() throws(CommandFailure) -> AuditAnchor? {
        let text: String
        do {
            text = String(decoding: try ReadableFile.contents(of: file.path, limit: Self.largest), as: UTF8.self)
        } catch .system(ENOENT) {
            return nil
        } catch {
            throw CommandFailure(.refused, "The cursor \(file.path) cannot be read: \(error).")
        }
        guard let anchor = AuditCheckpoint.anchor(parsing: text) else {
            throw CommandFailure(
                .refused,
                "\(file.path) is not a cursor of “\(Program.name) audit follow”, nor a checkpoint. Name another file.")
        }
        guard AuditCheckpoint.isAbout(log, text) else {
            throw CommandFailure(
                .refused,
                "The cursor \(file.path) is of another log than the one in the database “\(log.database)”. Keep a cursor for each, or "
                    + "remove it to begin with the first event.")
        }
        return anchor
    }

    /// Keeps what was reached.
    func keep(_ reached: AuditAnchor) throws(CommandFailure) {
        let checkpoint = AuditCheckpoint(log: log, sequence: reached.sequence, hash: reached.hash, madeAt: .now)
        do { try file.replace(with: Array(checkpoint.text.utf8)) } catch { throw Self.unwritable(file.path, error) }
    }

    private static func unwritable(_ path: String, _ problem: FileProblem) -> CommandFailure {
        CommandFailure(
            problem == .restricted ? .refused : .unknown,
            "The cursor \(path) could not be written: \(problem). Events after the last one that it names come again.")
    }
}
