import AdminConsole
package import ConsoleParts
import TerminalKit

/// The console told line by line.
package enum LinearProgram {
    /// Runs it as ``ConsoleProgram/run(_:on:columns:keepColumns:)`` does the one that is drawn.
    package static func run(
        _ opening: Opening, on terminal: LinearTerminal, columns: () -> [String],
        keepColumns: @escaping @Sendable ([String]) -> String?
    ) -> Int32? {
        ConsoleProgram.run(
            opening, on: terminal, columns: columns, keepColumns: keepColumns, model: LinearModel.init)
    }
}
