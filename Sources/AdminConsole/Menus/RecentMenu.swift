import AccountDisplay
import ConvonetCore
import TerminalKit

/// The people whose page or dialog was open last, to go back to.
struct RecentMenu: LineMenu {
    var title: String { "Last people" }
    var hints: [Footer.Hint] { [.choose, Footer.Hint("Enter", "open", priority: 8)] }

    private let people: [Account]
    var cursor: MenuCursor

    init(_ people: [Account]) {
        self.people = people
        cursor = MenuCursor(of: people.count)
    }

    var chosen: Account { people[index] }

    var rows: [MenuRow] {
        people.map { MenuRow(text: DisplayText.visible($0.fullName), note: DisplayText.visible($0.email)) }
    }

    mutating func applyOwn(_ key: Key) -> Bool { false }
}

extension Shared {
    /// How many people are kept.
    private static let mostPeople = 10

    /// Keeps who was opened, the last first.
    mutating func remember(_ account: Account) {
        lastPeople = [account] + lastPeople.filter { $0.id != account.id }.prefix(Self.mostPeople - 1)
    }

    /// Those to go back to from somebody's page, or from where nobody is.
    func others(than account: Account?) -> [Account] { lastPeople.filter { $0.id != account?.id } }
}
