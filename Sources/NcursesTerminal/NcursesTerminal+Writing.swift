import CNcurses
import Glibc
import OperatingSystem
public import TerminalKit

/// What goes to the terminal: it is never waited for.
extension NcursesTerminal {
    /// Sends what differs from what is shown, and places or hides the cursor; once the terminal has taken what was sent
    /// before, and of several that come meanwhile only the last.
    public func draw(_ buffer: Buffer) {
        guard isOpen else { return }
        waiting = buffer
        if cn_flush() == 0 { drawWaiting() }
    }

    private func drawWaiting() {
        guard let buffer = waiting else { return }
        waiting = nil
        for row in 0..<size.rows where shown == nil || shown?.row(row) != buffer.row(row) {
            let cells = CellRow.cells(of: buffer, row: row, columns: size.columns, lines: lines)
            cn_draw_row(Int32(row), cells, Int32(cells.count))
        }
        shown = buffer
        show(buffer)
    }

    /// Forgets keys and pastes that arrived before now, and asks the terminal where its cursor stands: the answer comes
    /// behind all that was drawn before. Where none comes within a second and a half, it is not waited for again.
    public func awaitPaint() {
        held = held.filter {
            switch $0 {
            case .key, .paste, .pointer, .painted: false
            default: true
            }
        }
        let now = SystemClock.milliseconds()
        // An answer among what is dropped is to an earlier question, and only counted.
        if !input.isEnded { held += counted(input.discard(now: now)).filter { $0 != .painted } }
        guard isOpen else { return held.append(.painted) }
        asksLater = true
        reports.postpone()
        goOnWriting()
    }

    /// Sends on what waits; behind all of it the terminal is asked.
    func goOnWriting() {
        guard isOpen else { return }
        if waiting != nil, cn_flush() == 0 { drawWaiting() }
        guard asksLater, waiting == nil, cn_flush() == 0 else { return }
        asksLater = false
        guard reports.ask(now: SystemClock.milliseconds()) else { return held.append(.painted) }
        input.expectsReport = true
        cn_write("\u{1B}[6n", 4)
    }

    /// Lets an answer of the terminal through where it is the one that is waited for.
    func counted(_ inputs: [Input]) -> [Input] {
        guard input.expectsReport else { return inputs }
        let kept = inputs.filter { $0 != .painted || reports.take() }
        input.expectsReport = reports.outstanding > 0
        return kept
    }

    func takeLastReports() {
        let end = SystemClock.milliseconds() + reports.lastPatience
        while reports.outstanding > 0, case let left = end - SystemClock.milliseconds(), left > 0 {
            var entry = pollfd(fd: input.descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&entry, 1, Int32(clamping: left)) > 0 else { return }
            _ = counted(input.read(now: SystemClock.milliseconds()))
            if input.isEnded { return }
        }
    }

    func show(_ buffer: Buffer) {
        if let cursor = buffer.cursor, cursor.row < size.rows, cursor.column < size.columns {
            cn_show(Int32(cursor.row), Int32(cursor.column))
        } else {
            cn_show(-1, 0)
        }
    }
}
