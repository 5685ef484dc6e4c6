import TerminalKit

extension Pointer {
    /// Reads a report of xterm's (mode 1006): `button;column;row` behind `ESC [ <`, and M where a button was pressed, m where it
    /// was let go. nil where it is of no interest here: another button, a movement, or a key held with it.
    init?(report: Substring, final: UInt8) {
        let numbers = report.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard final == UInt8(ascii: "M"), numbers.count == 3, numbers[1...].allSatisfy({ (1...9999).contains($0) })
        else {
            return nil
        }
        let act: Act
        switch numbers[0] {
        case 0: act = .click
        case 64: act = .wheelUp
        case 65: act = .wheelDown
        default: return nil
        }
        self.init(act, at: Position(column: numbers[1] - 1, row: numbers[2] - 1))
    }
}
