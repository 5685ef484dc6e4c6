import AuditVerification
import ConvonetCore
import FoundationEssentials
import Glibc
import OperatingSystem
import ProgramStart

/// Where `audit follow` goes on after it was stopped: a checkpoint in a file, which is replaced as a whole.
///
/// It is written after the events were, so that those since the last time come twice if the program ends in between, and none is left out.
struct FollowCursor {
    let path: String
    let log: LogIdentity

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
        do {
            try Data(checkpoint.text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                .unknown,
                "The cursor \(path) could not be written: events after the last one that it names come again. Check the directory's "
                    + "rights and space.")
        }
    }
}
