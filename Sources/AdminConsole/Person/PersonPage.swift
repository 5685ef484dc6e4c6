import ConvonetCore

/// One person's page.
struct PersonPage: Equatable, Sendable {
    var facts: PersonFacts
    /// The request whose answer belongs to this page.
    var request: Int
    /// First line below the head on the screen.
    var top = 0
    /// Index of the selected line of recent activity, among those that are shown.
    var selection = 0
    /// Which lines of recent activity are shown.
    var shown = Shown.everything

    enum Shown: String, CaseIterable, Sendable {
        case everything = "", done = "done only", notDone = "not done only"
    }

    /// The lines of recent activity that are shown, newest first.
    var entries: [HistoryEntry] {
        facts.entries.filter {
            switch shown {
            case .everything: true
            case .done: $0.outcome == "done"
            case .notDone: $0.outcome != "done"
            }
        }
    }

    /// Shows the next kind of lines, from the first on.
    mutating func showNext() {
        let all = Shown.allCases
        shown = all[((all.firstIndex(of: shown) ?? 0) + 1) % all.count]
        selection = 0
    }

    var person: Account { facts.account }
}
