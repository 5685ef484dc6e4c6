import Glibc

/// Another program, run to its end.
enum ShellCommand {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program and gives back what it printed.
    @discardableResult
    static func run(_ words: [String]) throws -> String {
        let line = words.map(quoted).joined(separator: " ")
        guard let pipe = popen(line + " 2>&1", "re") else { throw Failure(description: "cannot run \(line)") }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&part, 1, part.count, pipe), count > 0 { bytes += part[..<count] }
        let output = String(decoding: bytes, as: UTF8.self)
        let status = pclose(pipe)
        guard status == 0 else { throw Failure(description: "\(line) failed (\(status)): \(output)") }
        return output
    }

    static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }

    static func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
