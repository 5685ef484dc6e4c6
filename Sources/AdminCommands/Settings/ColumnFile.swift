import FoundationEssentials
import OperatingSystem
import ProgramStart

/// Which columns of the list an operator chose in the console: a file of their own, one column a line.
struct ColumnFile: Sendable {
    /// Its path; nil where there is no home to keep it in.
    let path: String?

    /// More is no file of ours.
    private static let limit = 4096

    /// `$XDG_STATE_HOME/convonet-admin/columns`, or in `~/.local/state`.
    init(environment: [String: String]) {
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.local/state" : nil }
        path = (state ?? home).map { $0 + "/convonet-admin/columns" }
    }

    /// What was kept; nothing where nothing was, or it cannot be read.
    func columns() -> [String] {
        guard let path, let bytes = try? ReadableFile.contents(of: path, named: .settings, limit: Self.limit)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Keeps them; returns why that could not be done, in a sentence.
    func keep(_ columns: [String]) -> String? {
        guard let path else { return "There is no home directory to keep the columns in: they hold until you quit." }
        let file = URL(filePath: path)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((columns.joined(separator: "\n") + "\n").utf8).write(to: file, options: .atomic)
            return nil
        } catch {
            return "The columns could not be kept in \(path): they hold until you quit."
        }
    }
}
