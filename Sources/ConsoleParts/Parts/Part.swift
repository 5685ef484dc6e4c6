package import AccountPolicy
package import ConsoleRequests
package import ConvonetCore
package import ConvonetDatabase
package import FoundationEssentials
package import TerminalKit

/// A part of the console with a state of its own: a screen, or what lies over it. It changes itself, and says by `Shared`
/// what it wants done.
package protocol Part: Sendable {
    /// Whether a change was sent from here that has not ended.
    var isWriting: Bool { get }
    /// Whether it says itself what the screens below would say.
    var speaksForScreens: Bool { get }

    /// It was just put on top.
    mutating func begin(_ shared: inout Shared)
    /// Takes a key before the table of actions does; false where it means nothing here.
    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool
    /// Takes what was pasted; false where nothing can be.
    mutating func paste(_ text: String, _ shared: inout Shared) -> Bool
    /// The terminal has another size.
    mutating func resize(_ shared: inout Shared)
    /// Takes what another part lets the others know.
    mutating func receive(_ news: News, _ shared: inout Shared)
    /// Called after every event, and when `nextMoment` has come.
    mutating func settle(_ shared: inout Shared)
    /// When it is time, by the clock of `Shared.uptime`; nil where nothing depends on it.
    func nextMoment(_ shared: Shared) -> Int?
    /// Forgets every secret: nobody is there.
    mutating func wipe()
}

extension Part {
    package var isWriting: Bool { false }
    package var speaksForScreens: Bool { false }

    package mutating func begin(_: inout Shared) {}
    package mutating func take(_: Key, _: inout Shared) -> Bool { false }
    package mutating func paste(_: String, _: inout Shared) -> Bool { false }
    package mutating func resize(_: inout Shared) {}
    package mutating func receive(_: News, _: inout Shared) {}
    package mutating func settle(_: inout Shared) {}
    package func nextMoment(_: Shared) -> Int? { nil }
    package mutating func wipe() {}

    /// Asks for work to be done, and returns the request's number; `then` takes what comes of it, unless this part was
    /// closed or something took its place.
    @discardableResult
    package func ask<Order: Work>(
        _ work: Order, as number: Int? = nil, _ shared: inout Shared,
        progress: @escaping @Sendable (inout Self, Order.Progress, inout Shared) -> Void = { _, _, _ in },
        then: @escaping @Sendable (inout Self, Result<Order.Value, AdminError>, inout Shared) -> Void
    ) -> Int {
        let (request, any) = (number ?? shared.requests.next(), AnyWork(work))
        for lane in any.cleared { shared.requests.forget(lane) }
        shared.requests.expect(request, lane: work.lane, by: shared.part, progress: progress, then: then)
        shared.effects.append(.run(request: request, any))
        return request
    }

    /// Opens a menu; `then` takes what was chosen in it.
    package func show<Choice: Menu>(
        _ menu: Choice, _ shared: inout Shared, then: @escaping @Sendable (inout Self, Choice, inout Shared) -> Void
    ) {
        let box = MenuBox(menu, opener: shared.part) { part, menu, shared in
            guard var own = part as? Self, let menu = menu as? Choice else { return }
            then(&own, menu, &shared)
            part = own
        }
        shared.open(box)
    }
}

/// Stands in for a part where the answer belongs to no screen.
package struct Background: Part {
    package init() {}

    package static let ignoresAnswer: @Sendable (inout Background, Never, inout Shared) -> Void = { _, _, _ in }
}

/// What one part lets the others know.
package enum News: Sendable {
    /// A person was read just now, as this account.
    case read(Account, AccountDossier)
    /// An account was changed from here, or found to be another than was shown: what of it is shown is read anew.
    case changed(Account)
    /// A change of several people was carried out, as far as it came.
    case carriedOut(Batch)
    /// Accounts are no longer there.
    case gone(Set<UUID>)
    /// What waits for a second person is not what it was.
    case approvalsChanged
    /// The policy is another one; it was this.
    case newPolicy(Policy)
    /// Somebody's neighbour in the list is to be opened: so many rows below, or above where negative.
    case neighbour(Int)
    /// A screen or a dialog was opened over the others.
    case opened
}

/// What a part wants of the console that holds it.
package enum Move: Sendable {
    /// Puts a part on top; of a screen's kind there is only one: the other is closed first, with what lies above it, unless
    /// others are to be gone back to.
    case open(any Part, keepsOthers: Bool)
    /// Closes what is on top.
    case close
    /// Ends a search begun on another screen; `goesBack`: returns there.
    case endSearch(goesBack: Bool)
    /// Tells all parts but the one that says it.
    case tell(News, by: Int)
    /// Does what the action's key does; where that means one of several changes, this one.
    case act(ConsoleAction, as: ChangeKind? = nil)
    /// Goes to the first screen, and lets it change itself.
    case first(@Sendable (inout any Part, inout Shared) -> Void)
    /// Presses keys that were kept.
    case press([Key])
    /// Goes over to another database, unless a change is under way.
    case leave(for: Opening)
    /// Gives a part something.
    case give(to: Int, @Sendable (inout any Part, inout Shared) -> Void)
}
