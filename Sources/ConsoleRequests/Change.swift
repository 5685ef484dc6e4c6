package import ConvonetCore
package import FoundationEssentials

/// A change of an account.
package struct Change: Work {
    package typealias Value = ChangeResult
    package var account: Account
    package var action: AccountChange.Action
    package var context: ChangeContext

    package init(account: Account, action: AccountChange.Action, context: ChangeContext) {
        self.account = account
        self.action = action
        self.context = context
    }

    /// What is known of one that runs.
    package struct Progress: Equatable, Sendable {
        /// The id under which it can be sent again.
        package var id: UUID
        /// What is happening, where it takes longer than usual.
        package var words: String?

        package init(id: UUID, words: String? = nil) {
            self.id = id
            self.words = words
        }
    }

    package func run(on session: any ConsoleSession, _ report: @escaping @Sendable (Progress) -> Void) async throws
        -> ChangeResult
    {
        let change = AccountChange(account: account, action: action, context: context)
        let id = change.requestID
        report(Progress(id: id))
        return try await session.perform(change) { report(Progress(id: id, words: $0)) }
    }
}

/// Whether the policy takes a ticket.
package struct TicketQuery: Query {
    package typealias Value = Bool
    package var ticket: String

    package init(ticket: String) {
        self.ticket = ticket
    }

    package var lane: Lane? { "ticket" }

    package func read(from session: any ConsoleSession) async throws -> Bool { try await session.takesTicket(ticket) }
}
