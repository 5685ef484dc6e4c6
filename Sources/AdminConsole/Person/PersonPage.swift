import ConvonetCore

/// One person's page: the account as it was read last, and what was done to it.
struct PersonPage: Equatable, Sendable {
    var person: Account
    var isGone = false
    var history: History = .loading
    /// The teams; none while they are not known.
    var teams: [TeamMembership] = []
    /// The links to set a password that were sent, newest first; none while they are not known.
    var links: [ResetLink] = []
    /// Whether every change needs a second person, as far as it is known.
    var isProtected = false
    /// The request whose answers belong to this page.
    var request: Int
    /// First line of the page on the screen.
    var top = 0

    enum History: Equatable, Sendable {
        case loading
        case entries([HistoryEntry])
        case unavailable(String)
    }
}
