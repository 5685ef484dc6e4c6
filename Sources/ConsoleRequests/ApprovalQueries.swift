package import ConvonetCore
package import TerminalKit

/// Which requests for a second person are shown.
package struct ApprovalSelection: ListSelection {
    /// Whether those are among them that are over: denied, used, expired or outdated.
    package var showsAll = false

    package init(showsAll: Bool = false) {
        self.showsAll = showsAll
    }

    package func page(_ origin: ListOrigin<ApprovalRequest>, limit: Int, in session: AdminSession) async throws
        -> ListPage<ApprovalRequest>
    {
        try await ListPage(
            origin, limit: limit, number: \.id,
            newest: { try await session.approvals.page(before: $0, all: showsAll, limit: $1) },
            oldest: { try await session.approvals.page(after: $0, all: showsAll, limit: $1) })
    }

    package func total(in session: AdminSession) async throws -> ListCount {
        ListCount(try await session.approvals.count(all: showsAll), most: 1000)
    }
}

/// What waits for a second person.
package struct PendingQuery: Query {
    package typealias Value = ApprovalQueue.Pending

    package init() {}

    package var lane: Lane? { "pending approvals" }

    package func read(from session: any ConsoleSession) async throws -> ApprovalQueue.Pending {
        try await session.pendingApprovals()
    }
}

/// A second person's word on a request.
package struct Decide: Work {
    package typealias Value = ApprovalQueue.Result
    package typealias Progress = Never
    package var approval: ApprovalRequest
    package var decision: ApprovalQueue.Decision
    package var reason: String?

    package init(approval: ApprovalRequest, decision: ApprovalQueue.Decision, reason: String? = nil) {
        self.approval = approval
        self.decision = decision
        self.reason = reason
    }

    package func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws
        -> ApprovalQueue.Result
    {
        try await session.decide(approval, decision, reason: reason)
    }
}
