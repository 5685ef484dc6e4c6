import AccountDisplay
package import ConvonetCore
package import TerminalKit

/// The people whose page or dialog was open last, to go back to.
package struct LastPeopleMenu: LineMenu {
    package var title: String { "Last people" }
    package var hints: [Footer.Hint] { [.choose, Footer.Hint("Enter", "open", priority: 8)] }

    private let people: [Account]
    package var cursor: MenuCursor

    package init(_ people: [Account]) {
        self.people = people
        cursor = MenuCursor(of: people.count)
    }

    package var chosen: Account { people[index] }

    package var rows: [MenuRow] {
        people.map { MenuRow(text: DisplayText.visible($0.fullName), note: DisplayText.visible($0.email)) }
    }
}
