import ConvonetCore
import FoundationEssentials

/// Whether the policy takes a ticket.
struct TicketQuery: Query {
    typealias Value = Bool

    var ticket: String
    var lane: Lane? { "ticket" }

    func read(from session: any ConsoleSession) async throws -> Bool { try await session.takesTicket(ticket) }
}

/// A change of an account.
struct Change: Work {
    typealias Value = ChangeResult

    var account: Account
    var action: AccountChange.Action
    var context: ChangeContext

    /// What is known of one that runs.
    struct Progress: Sendable {
        /// The id under which it can be sent again.
        var id: UUID
        /// What is happening, where it takes longer than usual.
        var words: String?
    }

    func run(on session: any ConsoleSession, _ report: @escaping @Sendable (Progress) -> Void) async throws
        -> ChangeResult
    {
        let change = AccountChange(account: account, action: action, context: context)
        let id = change.requestID
        report(Progress(id: id))
        return try await session.perform(change) { report(Progress(id: id, words: $0)) }
    }
}
