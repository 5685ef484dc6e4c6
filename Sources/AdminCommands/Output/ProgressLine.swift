import Glibc
import OperatingSystem
import Synchronization

/// A line on a terminal's standard error that says how far a long command is; nothing where there is no terminal.
final class ProgressLine: Sendable {
    private let what: String
    private let unit: String
    private let isShown: Bool
    private let lastDrawn = Mutex<Int?>(nil)

    /// Milliseconds, a fifth of a second: often enough for an eye, and no load for a slow line.
    private static let interval = 200

    /// `unit` is of what there are so many.
    init(_ what: String, unit: String = "", isWanted: Bool = true) {
        self.what = what
        self.unit = unit.isEmpty ? "" : " " + unit
        isShown = isWanted && isatty(STDERR_FILENO) == 1
    }

    /// So many of so many are done.
    func show(_ done: Int, of total: Int) { show(done, of: total, pass: nil) }

    /// So many of so many are done of one of several passes.
    func show(_ done: Int, of total: Int, pass: String?) {
        guard isShown, total > 0, isDue() else { return }
        let width = 20
        // In floating point: a number of a log that was tampered with can be any.
        let share = min(1, max(0, Double(done) / Double(total)))
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        write(
            "\r\(what)\(pass.map { ", \($0)" } ?? "") [\(bar)] \(Int(share * 100))% of \(total)\(unit)\u{1B}[K"
        )
    }

    /// Takes the line away again.
    func clear() {
        if lastDrawn.withLock({ $0 != nil }) { write("\r\u{1B}[K") }
    }

    private func isDue() -> Bool {
        let now = SystemClock.milliseconds()
        return lastDrawn.withLock { last in
            if let last, now - last < Self.interval { return false }
            last = now
            return true
        }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
