import ConsoleRequests
package import ConvonetCore
package import FoundationEssentials
package import OperatingSystem
package import TerminalKit

/// Something to choose or to fill in, in a box over whatever is on the screen.
package protocol Menu: Sendable {
    var title: String { get }
    var hints: [Footer.Hint] { get }
    /// Whom it is about: they are read when it opens.
    var person: UUID? { get }
    /// The ends of what is shown with the time that is left.
    var deadlines: [Timestamp] { get }

    /// Takes the person that it is about, as they were read.
    mutating func take(_ dossier: AccountDossier, _ shared: inout Shared)
    mutating func apply(_ key: Key)
    /// Fills the field in focus; false where there is none.
    mutating func paste(_ text: String) -> Bool
    /// Enter was pressed: whether it is chosen, or there is more to fill in.
    mutating func accept() -> Bool
    func draw(into buffer: inout Buffer, _ shared: Shared)
    /// What is said in place of that; what the drawing says, unless a menu has better words.
    func spoken(_ shared: Shared) -> Spoken
}

extension Menu {
    package var person: UUID? { nil }
    package var deadlines: [Timestamp] { [] }

    package mutating func take(_: AccountDossier, _: inout Shared) {}
    package mutating func paste(_: String) -> Bool { false }
    package mutating func accept() -> Bool { true }

    package func spoken(_ shared: Shared) -> Spoken { Spoken(place: title) { draw(into: &$0, shared) } }
}

/// A menu on the screen, and what is done with what is chosen in it.
package struct MenuBox: Overlay {
    package var isList: Bool { true }

    package private(set) var menu: any Menu
    private let opener: Int
    private let chosen: @Sendable (inout any Part, any Menu, inout Shared) -> Void

    /// A menu of which the part that opened it takes the choice.
    package init(
        _ menu: any Menu, opener: Int, chosen: @escaping @Sendable (inout any Part, any Menu, inout Shared) -> Void
    ) {
        self.menu = menu
        self.opener = opener
        self.chosen = chosen
    }

    /// A menu that no part of the screen stands for.
    package init<Choice: Menu>(_ menu: Choice, chosen: @escaping @Sendable (Choice, inout Shared) -> Void) {
        self.init(menu, opener: Shared.background) { _, menu, shared in
            if let menu = menu as? Choice { chosen(menu, &shared) }
        }
    }

    package mutating func begin(_ shared: inout Shared) {
        guard let person = menu.person else { return }
        ask(DossierQuery(id: person, reader: .dialog), &shared) { box, result, shared in
            guard case .success(let dossier) = result else { return }
            shared.note(dossier)
            box.menu.take(dossier, &shared)
        }
    }

    package func nextMoment(_ shared: Shared) -> Int? { shared.nextCountdown(menu.deadlines) }

    package func hints(_ shared: Shared) -> [Footer.Hint] { menu.hints + [.close] }

    package func draw(into buffer: inout Buffer, _ shared: Shared) { menu.draw(into: &buffer, shared) }
    package func spoken(_ shared: Shared) -> Spoken { menu.spoken(shared) }

    package mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        switch key {
        case .escape, .control("c"): shared.close()
        case .enter:
            guard menu.accept() else { break }
            shared.close()
            shared.moves.append(.give(to: opener) { [menu, chosen] in chosen(&$0, menu, &$1) })
        default: menu.apply(key)
        }
        return true
    }

    package mutating func paste(_ text: String, _ shared: inout Shared) -> Bool { menu.paste(text) }
}

/// A menu of lines, of which one is chosen.
package protocol LineMenu: Menu {
    /// The lines, without their digits.
    var rows: [MenuRow] { get }
    var cursor: MenuCursor { get set }

    /// Takes a key that means something in this menu alone; false where it does not.
    mutating func applyOwn(_ key: Key) -> Bool
}

extension LineMenu {
    package var index: Int { cursor.index }

    package mutating func applyOwn(_ key: Key) -> Bool { false }
    package mutating func apply(_ key: Key) { if !applyOwn(key) { _ = cursor.apply(key) } }

    package func draw(into buffer: inout Buffer, _ shared: Shared) {
        var rows = rows
        for index in rows.indices { rows[index].text = MenuCursor.mark(index) + rows[index].text }
        MenuDialog(title: title, rows: rows, index: index).draw(into: &buffer)
    }

    package func spoken(_ shared: Shared) -> Spoken { MenuDialog(title: title, rows: rows, index: index).spoken }
}

extension Footer.Hint {
    /// What moves the cursor of a menu.
    package static let choose = Footer.Hint("↑↓", "choose", priority: 7)
    /// What leaves a dialog.
    package static let close = Footer.Hint("Esc", "close", priority: 9)
}
