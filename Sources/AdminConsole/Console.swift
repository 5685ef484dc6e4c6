import AccountDisplay
public import ConsoleParts
public import ConvonetCore
public import OperatingSystem
import PostgresClient
public import TerminalKit

/// The console's model: its parts above one another, and what they share. What is on a page it does not know.
public struct Console: Sendable {
    var shared: Shared
    /// The screens, the list of accounts first, and perhaps what lies over the one that is seen.
    private(set) var parts: [Held] = []
    var lastKeyAt: Int
    var trail = Trail()
    /// The environment that was left for this one, until that was said.
    var cameFrom: EnvironmentLabel?
    private var lastPart = Shared.background

    /// A part, and its number.
    struct Held: Sendable {
        let number: Int
        var part: any Part
        /// Whether a search from there hides it. It takes answers, news and sizes like any other; where the search is ended
        /// without a choice, one is back there.
        var isHidden = false
    }

    /// A console that has loaded nothing yet, or the beginning of the list of all accounts.
    ///
    /// `columns` are those of the list by name; names that are not known are passed over.
    public init(
        _ context: ConsoleContext, firstPage: ListPage<Account>? = nil, columns: [String] = [],
        cameFrom: EnvironmentLabel? = nil, now: Timestamp, uptime: Int
    ) {
        self.cameFrom = cameFrom
        shared = Shared(context: context, now: now, uptime: uptime)
        lastKeyAt = uptime
        put(AccountList(firstPage: firstPage, columns: columns.compactMap(AccountColumn.init(rawValue:))))
    }

    /// What is open, from the first screen to what is on top.
    var stack: [Held] { parts.filter { !$0.isHidden } }

    /// The screens, from the first to the one that is seen.
    var screens: [any Screen] { stack.compactMap { $0.part as? any Screen } }

    /// The screen that is seen.
    var screen: any Screen { screens.last ?? AccountList() }

    /// What lies over it.
    var overlay: (any Overlay)? { stack.last?.part as? any Overlay }

    /// Milliseconds until the console wants to be told the time; nil while nothing on the screen depends on it.
    public var nextTick: Int? {
        let moments = parts.map { $0.part.nextMoment(view(of: $0.number)) }
        return (moments + [nextIdleStage, shared.nextPendingRead, shared.nextPrimaryLook, nextLiveReading]).compactMap {
            $0
        }.min().map {
            max(1, $0 - shared.uptime + 1)
        }
    }

    /// Puts a part on top. Of a screen's kind there is only one: the other is closed, with what lies above it, unless that
    /// is to be gone back to.
    mutating func put(_ part: any Part, keepsOthers: Bool = false) {
        let kind = (part as? any Screen)?.kind
        if kind != nil, let index = parts.firstIndex(where: { ($0.part as? any Screen)?.kind == kind }) {
            if keepsOthers { drop(at: index) } else { while parts.count > index { drop() } }
        }
        lastPart += 1
        parts.append(Held(number: lastPart, part: part))
        withPart(lastPart) { $0.begin(&$1) }
    }

    /// Closes what is on top.
    mutating func drop() {
        if let index = parts.lastIndex(where: { !$0.isHidden }) { drop(at: index) }
    }

    /// What a part waits for nobody waits for any more once it is closed.
    private mutating func drop(at index: Int) {
        shared.stop(part: parts.remove(at: index).number)
    }

    /// Hides what lies over the first screen.
    mutating func hideOthers() { for index in parts.indices.dropFirst() { parts[index].isHidden = true } }

    /// Ends that: what was hidden is open again, or closed.
    mutating func showHidden(goesBack: Bool) {
        while let index = parts.lastIndex(where: \.isHidden) {
            if goesBack { parts[index].isHidden = false } else { drop(at: index) }
        }
    }

    /// Lets a part change itself; what it wants of the console is done once `move` is called.
    @discardableResult
    mutating func withPart<Outcome>(_ number: Int, _ body: (inout any Part, inout Shared) -> Outcome) -> Outcome? {
        shared = view(of: number)
        if let index = parts.firstIndex(where: { $0.number == number }) { return body(&parts[index].part, &shared) }
        guard number == Shared.background else { return nil }
        var part: any Part = Background()
        return body(&part, &shared)
    }

    /// Lets the screen that is seen change itself.
    mutating func withSeenScreen(_ body: (inout any Screen, inout Shared) -> Void) {
        guard let number = stack.last(where: { $0.part is any Screen })?.number else { return }
        withPart(number) { part, shared in
            guard var screen = part as? any Screen else { return }
            body(&screen, &shared)
            part = screen
        }
    }

    /// Lets every part change itself, but not the one from which it comes.
    mutating func withAllParts(except sender: Int? = nil, _ body: (inout any Part, inout Shared) -> Void) {
        for number in parts.map(\.number) where number != sender { withPart(number, body) }
    }

    /// What is shared, as this part is to see it.
    private func view(of number: Int) -> Shared {
        let (stack, overlay) = (stack, overlay)
        var shared = shared
        shared.part = number
        shared.isSeen = stack.suffix(overlay == nil ? 1 : 2).contains { $0.number == number }
        shared.isSpokenFor = overlay?.speaksForScreens == true
        shared.isAtFirst = stack.count == 1
        return shared
    }
}
