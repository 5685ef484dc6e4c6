import AdminConsole
package import ConsoleParts
package import ConvonetCore
import TerminalKit

/// The console told line by line.
package enum LinearProgram {
    /// Runs it as ``ConsoleProgram/run(_:_:on:columns:keepColumns:)`` does the one that is drawn.
    package static func run(
        _ session: AdminSession, _ context: ConsoleContext, on terminal: LinearTerminal, columns: [String],
        keepColumns: @escaping @Sendable ([String]) -> String?
    ) -> Int32? {
        var context = context
        context.isLinear = true
        return ConsoleProgram.run(
            session, context, on: terminal, columns: columns, keepColumns: keepColumns, model: LinearModel.init)
    }
}
