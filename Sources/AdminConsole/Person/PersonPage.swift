import ConvonetCore

/// One person's page.
struct PersonPage: Equatable, Sendable {
    var facts: PersonFacts
    /// The request whose answer belongs to this page.
    var request: Int
    /// First line below the head on the screen.
    var top = 0
    /// Index of the selected line of recent activity.
    var selection = 0

    var person: Account { facts.account }
}
