import ConvonetCore
import Glibc
import ProgramStart

/// Lines of the system's log, as journalctl or a file of syslog has them.
struct JournalFile {
    var path: String

    /// What they say about this log; `-` is standard input. Line by line, since such a file can be long.
    func read(_ log: LogIdentity) throws(CommandFailure) -> AuditJournal {
        guard let file = path == "-" ? stdinStream() : fopen(path, "re") else {
            throw CommandFailure(.refused, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { fclose(file) }
        var journal = AuditJournal(of: log)
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while true {
            let count = getline(&line, &capacity, file)
            guard count > 0, let line else { break }
            // Most lines of a system's log are not ours: they are not made into text.
            guard strstr(line, "audit-head ") != nil || strstr(line, "audit-intent ") != nil else { continue }
            journal.take(String(cString: line))
        }
        guard ferror(file) == 0 else {
            throw CommandFailure(.refused, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        return journal
    }

    private func stdinStream() -> UnsafeMutablePointer<FILE>? { fdopen(dup(STDIN_FILENO), "r") }
}
