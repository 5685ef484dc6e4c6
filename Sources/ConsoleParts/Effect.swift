public import ConsoleRequests

/// What the console wants done outside of itself; plain data, so that tests can compare it.
public enum Effect: Equatable, Sendable {
    /// Do some work; its answer carries the request's number.
    case run(request: Int, AnyWork)
    /// End what is being done in a lane.
    case stop(Lane)
    /// Send an identifier to the terminal's clipboard.
    case copy(String)
    /// Say when what is painted next has been shown by the terminal, however far away that is.
    case awaitPaint
    /// Ring the terminal's bell.
    case ring
    /// Paint everything again.
    case redraw
    /// Stop the process until the shell continues it.
    case suspend
    /// Leave this database, with all that was read from it, for another that has answered.
    case leave(for: Opening)
    /// End the console; as a signal asked for where there is a number of one.
    case quit(signal: Int32?)
}
