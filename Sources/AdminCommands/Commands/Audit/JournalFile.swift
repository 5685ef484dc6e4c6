import AuditVerification
import CGlibc
import ConvonetCore
import Glibc
import OperatingSystem
import ProgramStart

/// Lines of the system's log, as journalctl or a file of syslog has them.
struct JournalFile: ~Copyable {
    private let path: String
    /// nil where standard input is read.
    private let file: ReadableFile?

    /// What a line of ours has in it.
    private static let marks = ["audit-head ", "audit-intent "].map { Array($0.utf8) }

    /// Opens the file; `-` is standard input.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        file = try Self.opened(path)
    }

    private static func opened(_ path: String) throws(CommandFailure) -> ReadableFile? {
        if path == "-" { return nil }
        do {
            return try ReadableFile(path)
        } catch {
            let instead = error == .notAFile(.pipe) ? " To read a pipe, use standard input: --journal -" : ""
            throw CommandFailure(.refused, "\(path) cannot be read: \(error).\(instead)")
        }
    }

    /// What the lines say about this log. Line by line, since such a file can be long.
    consuming func read(_ log: LogIdentity) throws(CommandFailure) -> AuditJournal {
        let descriptor =
            switch file {
            case .some(let file): file.descriptor
            case .none: STDIN_FILENO
            }
        var reader = LineReader(descriptor)
        var journal = AuditJournal(of: log)
        do {
            while let line = try reader.line() {
                // Most lines of a system's log are not ours: they are not made into text.
                if Self.isOurs(line) { journal.take(String(decoding: line, as: UTF8.self)) }
            }
        } catch {
            throw CommandFailure(.refused, "\(path) cannot be read: \(error).")
        }
        return journal
    }

    private static func isOurs(_ line: ArraySlice<UInt8>) -> Bool {
        line.withUnsafeBytes { bytes in
            marks.contains { mark in cg_contains(bytes.baseAddress, bytes.count, mark, mark.count) != 0 }
        }
    }
}
