package import OperatingSystem
package import TerminalKit

/// What words about a person depend on beside the person: who looks, when, and how one goes on from there.
package struct DisplayContext: Sendable {
    package var times: Times
    package var viewer: Viewer
    /// Whether requests for a second person may be decided.
    package var mayDecide: Bool
    /// What does a step from here, such as a key; nil where nothing does.
    package var way: @Sendable (NextStep) -> String?

    package init(
        _ times: Times, _ viewer: Viewer, mayDecide: Bool, way: @escaping @Sendable (NextStep) -> String?
    ) {
        (self.times, self.viewer, self.mayDecide, self.way) = (times, viewer, mayDecide, way)
    }

    package var now: Timestamp { times.now }

    /// What to do about something that was said: `; u unblocks`; nothing where it cannot be done from here.
    func advice(_ step: NextStep, _ verb: String) -> String { way(step).map { "; \($0) \(verb)" } ?? "" }
}

/// What somebody may want to do next.
package enum NextStep: Equatable, Sendable {
    case verifyCaller, unblock, sendLink, decide
    /// Taking back what has this receipt.
    case undo(Int)
    /// The change that the log calls so.
    case change(String)
}
