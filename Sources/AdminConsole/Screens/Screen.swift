import AccountDisplay
import ConsoleParts
import ConvonetCore
import TerminalKit

/// What fills the space between header and footer. The list of accounts lies at the bottom; what was opened lies above it,
/// and the topmost is seen and takes the keys.
protocol Screen: Part {
    /// Its name in the header.
    var name: String { get }
    /// Of which there is one at a time.
    var kind: String { get }
    /// Where one is on it, to be brought back there; nil where one is not.
    var place: Place? { get }
    /// The person that keys act on.
    var account: Account? { get }
    /// Those who are marked, and whom keys that change somebody act on in place of that person.
    var marked: [Account] { get }
    /// What is known of the person that keys act on, where that is more than the account.
    var facts: PersonFacts? { get }
    /// Whether the key for a search is for what is shown here, and not for people.
    var hasOwnSearch: Bool { get }
    /// Why there is nobody for a key to act on.
    var nobody: String { get }

    /// Draws between header and message line; pure.
    func draw(into buffer: inout Buffer, in console: Console)
    /// What is said in place of that; what the drawing says, unless a screen has better words.
    func spoken(in console: Console) -> Spoken

    /// Those of the actions that have their place (`ConsoleAction.place`) that it has.
    var actions: Set<ConsoleAction> { get }
    /// Why an action cannot be done here now; nil where it can.
    func unavailability(of action: ConsoleAction, in console: Console) -> String?

    /// Keys in the footer before the ones that work everywhere.
    var hints: [(ConsoleAction, label: String, priority: Int)] { get }
    /// What stands in the footer in place of all keys while text is typed; nil where none is.
    func typingHints(in console: Console) -> [Footer.Hint]?

    /// Does an action that is a matter of this screen.
    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared)
    /// A cell of the screen was clicked on.
    mutating func click(_ position: Position, _ shared: inout Shared)
}

extension Screen {
    var kind: String { "\(Self.self)" }
    var place: Place? { nil }
    var account: Account? { nil }
    var marked: [Account] { [] }
    var facts: PersonFacts? { nil }
    var hasOwnSearch: Bool { false }
    var nobody: String { "Nobody is selected here. Esc goes back to the list." }

    func spoken(in console: Console) -> Spoken { Spoken(place: name) { draw(into: &$0, in: console) } }

    func typingHints(in console: Console) -> [Footer.Hint]? { nil }
    mutating func click(_: Position, _: inout Shared) {}

    func unavailability(of action: ConsoleAction, in console: Console) -> String? { nil }
}
