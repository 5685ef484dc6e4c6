/// What the console wants done outside of itself; plain data, so that tests can compare it.
public enum Effect: Equatable, Sendable {
    /// Read something; its answer carries the request's number.
    case read(request: Int, AnyWork)
    /// Carry a change out; likewise. Once it runs nothing cancels it.
    case carryOut(request: Int, AnyWork)
    /// End what is being read in a lane.
    case stop(Lane)
    /// Send an identifier to the terminal's clipboard.
    case copy(String)
    /// Keep which columns of the list are shown, for the next time; what is answered is why that could not be done.
    case keepColumns(request: Int, [String])
    /// Say when what is painted next has been shown by the terminal, however far away that is.
    case awaitPaint
    /// Paint everything again.
    case redraw
    /// Stop the process until the shell continues it.
    case suspend
    /// End the console; as a signal asked for where there is a number of one.
    case quit(signal: Int32?)
}
