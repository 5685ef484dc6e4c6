import AccountDisplay
import ConvonetCore
import TerminalKit

/// The people whose page or dialog was open last, to go back to.
struct LastPeopleMenu: LineMenu {
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
}
