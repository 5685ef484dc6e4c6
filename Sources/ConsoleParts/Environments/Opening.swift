package import ConsoleRequests
public import ConvonetCore
package import ConvonetDatabase
import OperatingSystem
package import TerminalKit

/// A database that has answered, and all that the console begins with there.
public struct Opening: Sendable {
    package let session: any ConsoleSession
    package let context: ConsoleContext
    /// The beginning of the list of all accounts; nil where it is still to be read.
    package let firstPage: ListPage<Account>?
    /// The server's clock.
    package let clock: ServerClock

    /// What a session that was opened begins with.
    public init(_ session: AdminSession, _ context: ConsoleContext) {
        self.init(
            session, context, firstPage: session.firstPage.map { ListPage(rows: $0.accounts, hasAfter: $0.hasMore) },
            // By the server's clock, so that an age shown is one that the log agrees with.
            clock: session.clock)
    }

    package init(
        _ session: any ConsoleSession, _ context: ConsoleContext, firstPage: ListPage<Account>?, clock: ServerClock
    ) {
        (self.session, self.context) = (session, context)
        (self.firstPage, self.clock) = (firstPage, clock)
    }
}

extension Opening: Equatable {
    /// Whether both are the same environment, whenever they were opened.
    public static func == (one: Opening, other: Opening) -> Bool {
        one.context.environment == other.context.environment
    }
}

/// Why a database could not be opened, in words for whoever asked for it.
public struct OpeningFailure: Error, Equatable, CustomStringConvertible {
    /// The words.
    public let description: String

    /// A failure in these words.
    public init(_ description: String) { self.description = description }
}
