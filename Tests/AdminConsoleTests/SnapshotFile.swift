import Glibc
import TerminalKit
import Testing

/// Screens kept as text, one file each beside the tests.
enum SnapshotFile {
    private static let directory =
        #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Snapshots/"
    private static let isRecording = getenv("CONVONET_RECORD_SNAPSHOTS").map { String(cString: $0) } == "1"

    /// Compares a screen with its file. With CONVONET_RECORD_SNAPSHOTS=1 it is written anew, and the test fails, so that
    /// a recording is never taken for a check.
    static func expect(_ buffer: Buffer, _ name: String, at location: SourceLocation = #_sourceLocation) {
        expect(text: buffer.snapshot(), name, at: location)
    }

    /// The same of what was said.
    static func expect(text found: String, _ name: String, at location: SourceLocation = #_sourceLocation) {
        let path = directory + name + ".txt"
        if isRecording {
            write(found, to: path)
            Issue.record("Recorded \(name).", sourceLocation: location)
            return
        }
        guard let kept = read(path) else {
            Issue.record("No snapshot \(name): record it with CONVONET_RECORD_SNAPSHOTS=1.", sourceLocation: location)
            return
        }
        #expect(found == kept, "the screen differs from Snapshots/\(name).txt", sourceLocation: location)
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else { return }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
    }
}
