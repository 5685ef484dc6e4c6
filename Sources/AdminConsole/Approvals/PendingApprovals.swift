import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// What waits for a second person, as far as it concerns this operator.
public struct PendingApprovals: Equatable, Sendable {
    /// Requests of others that this operator may decide.
    public var toDecide: Int
    /// This operator's own requests that nobody has decided.
    public var own: Int
    /// This operator's own requests that were approved and can be used.
    public var granted: Int

    /// Counts what is open.
    init(_ open: [ApprovalRequest], mayDecide: Bool) {
        toDecide = mayDecide ? open.filter { !$0.isOwn && $0.state == .requested }.count : 0
        own = open.filter { $0.isOwn && $0.state == .requested }.count
        granted = open.filter { $0.isOwn && $0.state == .approved }.count
    }

    /// In the header: `2 to approve`; nil where nothing waits.
    var text: String? {
        let parts = [
            toDecide > 0 ? "\(toDecide) to approve" : nil, granted > 0 ? "\(granted) approved" : nil,
            own > 0 ? "\(own) pending" : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
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

/// What waits for a second person, read anew as long as somebody is there.
struct ApprovalWatch: Sendable {
    /// nil until it was read.
    var found: PendingApprovals?
    /// When it is read again, by the clock of `Shared.uptime`.
    fileprivate var readAt: Int?

    /// Milliseconds between two looks.
    fileprivate static let pause = 30_000
}

extension Shared {
    var nextPendingRead: Int? {
        context.approvalsReason == nil && quietStage == .awake && lost == nil ? approvals.readAt : nil
    }

    /// Reads what waits for a second person.
    mutating func readPending() {
        guard context.approvalsReason == nil else { return }
        approvals.readAt = uptime + ApprovalWatch.pause
        inBackground { $0.ask(PendingQuery(), &$1) { $2.takePending($1) } }
    }

    mutating func readPendingIfDue() {
        if let due = nextPendingRead, uptime >= due { readPending() }
    }

    /// What the header says, the page, the dialog and the list of requests say too. A supervisor who has done nothing yet
    /// sees first what waits for them.
    private mutating func takePending(_ result: Result<PendingApprovals, AdminError>) {
        switch result {
        case .failure(let error): if error.isLostConnection { noteConnection(error) }
        case .success(let found):
            let before = approvals.found
            approvals.found = found
            if before != nil, before != found { tell(.approvalsChanged) }
            if before == nil, found.toDecide > 0, !hasPressedKey, isAtFirst { open(ApprovalList()) }
        }
    }
}
