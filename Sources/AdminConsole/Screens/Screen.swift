import ConvonetCore
import TerminalKit

/// What fills the space between header and footer. The list of accounts lies at the bottom; what was opened lies above it,
/// and the topmost is seen and takes the keys.
///
/// A new screen is a type of its own with three short files, and a line in the table of actions for the key that opens it.
protocol Screen: Sendable {
    /// Its name in the header.
    var name: String { get }
    /// The person that keys act on.
    var account: Account? { get }

    /// Draws between header and message line; pure.
    func draw(into buffer: inout Buffer, in console: Console)

    /// Why an action that is a matter of this screen cannot be done now; nil where it can.
    func unavailability(of action: ConsoleAction, in console: Console) -> String?

    /// Keys in the footer before the ones that work everywhere.
    var hints: [(ConsoleAction, label: String, priority: Int)] { get }

    /// Does an action that is a matter of this screen.
    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect]
}

extension Screen {
    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .filter, .sort, .clear, .columns: "This is for a list (Esc)."
        case .previous, .next: "This is for a person's page."
        case .verifyLog: "This is for the log (A)."
        default: nil
        }
    }
}

extension Console {
    /// The screen that is seen.
    var screen: any Screen { opened.last ?? list }

    /// The topmost open screen of a kind; nil closes it and what lies above it.
    subscript<Kind: Screen>(kind: Kind.Type) -> Kind? {
        get { opened.last { $0 is Kind } as? Kind }
        set {
            let index = opened.lastIndex { $0 is Kind }
            switch (newValue, index) {
            case (let screen?, let index?): opened[index] = screen
            case (let screen?, nil): opened.append(screen)
            case (nil, let index?): opened.removeSubrange(index...)
            case (nil, nil): break
            }
        }
    }

    var person: PersonPage? {
        get { self[PersonPage.self] }
        set { self[PersonPage.self] = newValue }
    }

    var audit: AuditPage? {
        get { self[AuditPage.self] }
        set { self[AuditPage.self] = newValue }
    }

    var event: EventPage? {
        get { self[EventPage.self] }
        set { self[EventPage.self] = newValue }
    }

    /// The person that a key acts on: the one whose page is open, else the selected one.
    var currentAccount: Account? { screen.account }

    /// The names of what lies below and of what is seen: `accounts › Anna Berg › log`.
    var breadcrumbs: [String] { [list.name] + opened.map(\.name) }
}
