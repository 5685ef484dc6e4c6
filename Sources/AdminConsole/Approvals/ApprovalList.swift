import AccountDisplay
import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// Requests for a second person, newest first: the changes of protected accounts that somebody asked for.
struct ApprovalList: ListScreen {
    var selection = ApprovalSelection()
    var window = VirtualList<ApprovalRequest>()
    var answered: ListAnswer<ApprovalSelection>?
    var unansweredSince: Int?

    var name: String { "approvals" }

    var actions: Set<ConsoleAction> { [.open, .filter, .clear, .refresh] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: obstacle(console.shared)
        case .clear: selection.showsAll ? nil : "Only pending requests are shown already."
        default: nil
        }
    }

    /// Why the selected request cannot be decided here; nil where it can.
    private func obstacle(_ shared: Shared) -> String? {
        guard let request = window.selected else { return "There is no request." }
        if shared.isDeciding { return "A decision is being saved." }
        guard request.state == .requested else {
            return "Request \(request.id) was \(request.state.rawValue)\(shared.viewer.by(request.decidedBy))"
                + (request.decisionReason.map { ": “\($0)”" } ?? ".")
        }
        if request.isOwn {
            return "This is your own request. \(shared.context.mayDecide ? "Another" : "A") supervisor must decide it."
        }
        return shared.context.mayDecide ? nil : AdminError.notPermitted(.decideApprovals).description
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if move(action, &shared) { return }
        switch action {
        case .back, .quit: shared.close()
        case .open:
            guard let request = window.selected else { return }
            shared.open(MenuBox(DecisionForm(request)) { form, shared in shared.decide(form) })
            shared.awaitPaint()
        case .refresh: refresh(&shared)
        case .filter, .clear:
            selection.showsAll = action == .filter && !selection.showsAll
            restart(&shared)
        default: break
        }
    }

    mutating func receive(_ news: News, _ shared: inout Shared) {
        if case .approvalsChanged = news { refresh(&shared) }
    }
}

/// Which requests for a second person are shown.
struct ApprovalSelection: ListSelection {
    /// Whether those are among them that are over: denied, used, expired or outdated.
    var showsAll = false

    func page(_ origin: ListOrigin<ApprovalRequest>, limit: Int, in session: AdminSession) async throws
        -> ListPage<ApprovalRequest>
    {
        try await ListPage(
            origin, limit: limit, number: \.id,
            newest: { try await session.approvals.page(before: $0, all: showsAll, limit: $1) },
            oldest: { try await session.approvals.page(after: $0, all: showsAll, limit: $1) })
    }

    func total(in session: AdminSession) async throws -> ListCount {
        ListCount(try await session.approvals.count(all: showsAll), most: 1000)
    }
}
