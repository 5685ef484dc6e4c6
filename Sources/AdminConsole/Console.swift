import ConvonetCore
public import PostgresClient
import TerminalKit

/// The console's model: the list, perhaps a person's page over it, perhaps a dialog over both.
public struct Console: Sendable {
    let context: ConsoleContext
    var list: AccountList
    var person: PersonPage?
    var reset: ResetDialog?
    var help: HelpPage?
    var message: Message?
    var size = Size(columns: 80, rows: 24)
    var now: Timestamp
    private var lastRequest = 0

    /// Something said to the person; it stays until the next key.
    struct Message: Equatable, Sendable {
        var text: String
        var style: Style
    }

    /// A console that has loaded nothing yet.
    public init(_ context: ConsoleContext, now: Timestamp) {
        self.context = context
        self.now = now
        list = AccountList()
    }

    /// A number for the next request.
    mutating func nextRequest() -> Int {
        lastRequest += 1
        return lastRequest
    }

    mutating func say(_ text: String, _ style: Style = .accent) {
        message = Message(text: text, style: style)
    }

    /// Milliseconds until the console wants to be told the time; nil while nothing on the screen depends on it.
    public var nextTick: Int? {
        guard let until = reset?.revealedUntil else { return nil }
        return max(1, Int((until.microseconds - now.microseconds) / 1000))
    }

    /// The person that a key acts on: the one whose page is open, else the selected one.
    var currentAccount: Account? { person?.account ?? list.window.selected }
}
