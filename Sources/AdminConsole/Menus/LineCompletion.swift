import TerminalKit

/// The ways in which a line can go on, gone through one after the other and round.
struct LineCompletion: Equatable, Sendable {
    let lines: [String]
    private(set) var index: Int

    /// Begins with the one of this index; there must be one.
    init(_ lines: [String], from index: Int) { (self.lines, self.index) = (lines, index) }

    var line: String { lines[index] }

    mutating func step(_ step: Int) { index = (index + step + lines.count) % lines.count }

    /// Each as a line of a menu.
    var rows: [MenuRow] {
        lines.map { line in
            let parsed = TypedCommand.parse(line)
            return MenuRow(text: parsed.flatMap { $0.words.isEmpty ? $0.command.usage : nil } ?? line)
        }
    }
}
