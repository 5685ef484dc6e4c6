/// Why there is no screen, and what to do about it.
public enum TerminalFailure: Error, Equatable, Sendable {
    /// Standard input or output is a file, a pipe or nothing.
    case notATerminal
    /// The terminal's description is not installed here.
    case unknownType(String)
    /// The terminal cannot place its cursor.
    case cannotMoveCursor(String)
    /// The system refused something; the number is errno.
    case system(String, errno: Int32)

    /// What happened and the next step, in a sentence or two.
    public var message: String {
        switch self {
        case .notATerminal:
            "The console needs a terminal on standard input and output. Over SSH use `ssh -t`; in scripts use the "
                + "commands, such as `list` and `reset-password --stdin`."
        case .unknownType(""):
            "TERM is not set, so the terminal type is unknown. Try `TERM=xterm-256color`."
        case .unknownType(let type):
            "The terminal type \"\(type)\" (TERM) is unknown on this machine. Try `TERM=xterm-256color`, or install the Debian "
                + "package ncurses-term."
        case .cannotMoveCursor(let type):
            "A terminal of type \"\(type)\" (TERM) cannot move its cursor, which the console needs. Set TERM to "
                + "your terminal's type, often xterm-256color, or use `console --linear`, which says everything line by "
                + "line, or the commands, such as `list`."
        case .system(let what, let number):
            "The terminal could not be set up: \(what) failed (errno \(number)). Try another terminal."
        }
    }
}
