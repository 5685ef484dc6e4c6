import ConvonetCore
import TerminalKit

/// Which requests for a second person are shown.
struct ApprovalSelection: ListSelection {
    /// Whether those are among them that are over: denied, used, expired or outdated.
    var showsAll = false

    func page(_ origin: ListOrigin<ApprovalRequest>, limit: Int, from session: any ConsoleSession) async throws
        -> ListPage<ApprovalRequest>
    {
        try await session.page(of: self, origin, limit: limit)
    }

    func total(from session: any ConsoleSession) async throws -> ListCount { try await session.total(of: self) }
}

/// What waits for a second person.
struct PendingQuery: Query {
    typealias Value = PendingApprovals

    var lane: Lane? { "pending approvals" }

    func read(from session: any ConsoleSession) async throws -> PendingApprovals {
        let open = try await session.page(of: ApprovalSelection(), .after(nil), limit: 1000)
        return PendingApprovals(open.rows, mayDecide: session.mayDecide)
    }
}

/// A second person's word on a request.
struct Decide: Work {
    typealias Value = ApprovalDesk.Result
    typealias Progress = Never

    var approval: ApprovalRequest
    var decision: ApprovalDesk.Decision
    var reason: String?

    func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws -> ApprovalDesk.Result
    {
        try await session.decide(approval, decision, reason: reason)
    }
}
