import ConsoleParts
import OperatingSystem
import PostgresClient
import TerminalKit

/// A screen whose content is read anew while nobody types.
protocol LiveScreen: Screen {
    var live: LiveReading { get set }

    /// Reads anew what is shown; what is selected stays selected, and nothing is said of it.
    mutating func readAnew(_ shared: inout Shared)
}

/// When a screen was read, and when it is read again.
struct LiveReading: Equatable, Sendable {
    /// Milliseconds from one reading to the next, and from the last key to one.
    static let (pause, quiet) = (10_000, 2000)
    /// Up to how many rows are counted again with it: so few cost no more than the page itself.
    static let countedRows = 1000
    /// How many times as long as a reading takes is waited for the next: who is slow to answer is not asked all the time.
    private static let rest = 20

    /// Whether it is being read because it was time.
    private(set) var isReading = false
    /// When what is shown was read, where it could not be read anew since.
    private(set) var staleSince: Timestamp?
    private var readAt: Timestamp?
    /// By the clock of `Shared.uptime`.
    private var (begun, next) = (0, 0)
    /// Whether something was changed from here: then it is read at once.
    private var isDue = false

    mutating func makeDue() { isDue = true }

    mutating func begin(_ shared: Shared) {
        (isReading, isDue, begun) = (true, false, shared.uptime)
    }

    /// It was read, for whatever reason.
    mutating func succeed(_ shared: Shared) {
        (readAt, staleSince) = (shared.now, nil)
        end(shared)
    }

    /// It could not be read, or not be shown without moving the selection.
    mutating func fail(_ shared: Shared) {
        staleSince = readAt
        end(shared)
    }

    /// Something else is read in its place.
    mutating func yield() { isReading = false }

    private mutating func end(_ shared: Shared) {
        let took = isReading ? shared.uptime - begun : 0
        next = shared.uptime + max(Self.pause, took * Self.rest)
        isReading = false
    }

    /// When it is read again, by the clock of `Shared.uptime`; without a last key only after a change that was made from here.
    func moment(lastKeyAt: Int?) -> Int? {
        if isReading { return nil }
        return isDue ? 0 : lastKeyAt.map { max(next, $0 + Self.quiet) }
    }
}

extension Console {
    /// When the screen that is seen is read anew; nil while it shows nothing, or a dialog lies over it.
    var nextLiveReading: Int? {
        guard !shared.showsNothing, shared.lost == nil, overlay == nil, let screen = screen as? any LiveScreen else {
            return nil
        }
        // What was told does not change any more.
        return screen.live.moment(lastKeyAt: shared.context.isLinear ? nil : lastKeyAt)
    }

    mutating func readAnewIfDue() {
        guard let due = nextLiveReading, shared.uptime >= due else { return }
        withSeenScreen { screen, shared in
            guard var live = screen as? any LiveScreen else { return }
            live.live.begin(shared)
            live.readAnew(&shared)
            screen = live
        }
    }

    /// Lets what is shown be read at once where something was changed from here.
    mutating func makeScreensDue() {
        withAllParts { part, _ in
            guard var screen = part as? any LiveScreen else { return }
            screen.live.makeDue()
            part = screen
        }
    }
}
