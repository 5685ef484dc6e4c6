public import ConvonetCore
public import PostgresClient
public import TerminalKit

/// The console's model: its parts above one another, and what they share. What is on a page it does not know.
public struct Console: Sendable {
    var shared: Shared
    /// The screens, the list of accounts first, and perhaps what lies over the one that is seen.
    private(set) var parts: [Held] = []
    /// What was open when a search began: where it is ended without a choice, one is back there.
    var shelf: [Held] = []
    var lastKeyAt: Int
    private var lastPart = Shared.background

    /// A part, and its number.
    struct Held: Sendable {
        let number: Int
        var part: any Part
    }

    /// A console that has loaded nothing yet, or the beginning of the list of all accounts.
    ///
    /// `columns` are those of the list by name; names that are not known are passed over.
    public init(
        _ context: ConsoleContext, firstPage: ListPage<Account>? = nil, columns: [String] = [], now: Timestamp,
        uptime: Int
    ) {
        shared = Shared(context: context, now: now, uptime: uptime)
        lastKeyAt = uptime
        put(AccountList(firstPage: firstPage, columns: columns.compactMap(AccountColumn.init(rawValue:))))
    }

    /// The screens, from the first to the one that is seen.
    var screens: [any Screen] { parts.compactMap { $0.part as? any Screen } }

    /// The screen that is seen.
    var screen: any Screen { screens.last ?? AccountList() }

    /// What lies over it.
    var overlay: (any Overlay)? { parts.last?.part as? any Overlay }

    /// Milliseconds until the console wants to be told the time; nil while nothing on the screen depends on it.
    public var nextTick: Int? {
        let moments = parts.indices.map { parts[$0].part.nextMoment(view(of: $0)) }
        return (moments + [nextQuietStage, shared.nextPendingRead]).compactMap { $0 }.min().map {
            max(1, $0 - shared.uptime + 1)
        }
    }

    /// Puts a part on top. Of a screen's kind there is only one: the other is closed, with what lies above it.
    mutating func put(_ part: any Part) {
        if part is any Screen, let index = parts.firstIndex(where: { type(of: $0.part) == type(of: part) }) {
            while parts.count > index { drop() }
        }
        lastPart += 1
        parts.append(Held(number: lastPart, part: part))
        use(lastPart) { $0.begin(&$1) }
    }

    /// Closes what is on top; what it waits for nobody waits for any more.
    mutating func drop() {
        guard let dropped = parts.popLast() else { return }
        shared.requests.forget(part: dropped.number)
    }

    /// Puts what lies over the first screen on the shelf.
    mutating func shelve() {
        shelf = Array(parts.dropFirst())
        parts.removeLast(shelf.count)
    }

    /// Puts what is on the shelf over the first screen.
    mutating func unshelve() {
        parts += shelf
        shelf = []
    }

    /// Gives a part its turn; what it wants of the console is done once `move` is called.
    @discardableResult
    mutating func use<Outcome>(_ number: Int, _ turn: (inout any Part, inout Shared) -> Outcome) -> Outcome? {
        let index = parts.firstIndex { $0.number == number }
        shared = view(of: index)
        if let index { return turn(&parts[index].part, &shared) }
        guard number == Shared.background else { return nil }
        var part: any Part = Background()
        return turn(&part, &shared)
    }

    /// What is shared, as it is when it is this part's turn; nil for the background's.
    private func view(of index: Int?) -> Shared {
        let overlay = overlay
        var shared = shared
        shared.part = index.map { parts[$0].number } ?? Shared.background
        shared.isSeen = index.map { $0 >= parts.count - (overlay == nil ? 1 : 2) } ?? false
        shared.isSpokenFor = overlay?.speaksForScreens == true
        shared.isAtFirst = parts.count == 1
        return shared
    }
}
