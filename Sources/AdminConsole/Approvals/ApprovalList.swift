import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// Requests for a second person, newest first: the changes of protected accounts that somebody asked for.
struct ApprovalList: ListScreen {
    var selection = ApprovalSelection()
    var window = VirtualList<ApprovalRequest>()
    var answered: ListAnswer<ApprovalSelection>?
    /// Whether a decision is being written.
    private(set) var isWriting = false

    var name: String { "approvals" }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: obstacle(console.shared)
        case .filter, .refresh: isWriting ? "A decision is being saved." : nil
        case .sort: "Requests are always sorted newest first."
        case .clear: selection.showsAll ? nil : "Only pending requests are shown already."
        case .approvals: "You are here."
        case .verifyLog: "This is for the log (A)."
        default: nil
        }
    }

    /// Why the selected request cannot be decided here; nil where it can.
    private func obstacle(_ shared: Shared) -> String? {
        guard let request = window.selected else { return "There is no request." }
        if isWriting { return "A decision is being saved." }
        guard request.state == .requested else {
            return "Request \(request.id) was \(request.state.rawValue)\(shared.viewer.by(request.decidedBy))"
                + (request.decisionReason.map { ": “\($0)”" } ?? ".")
        }
        if request.isOwn { return "This is your own request. Somebody else, a supervisor, has to decide it." }
        return shared.context.mayDecide ? nil : AdminError.notPermitted(.decideApprovals).description
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if move(action, &shared) { return }
        switch action {
        case .back, .quit: shared.close()
        case .open:
            guard let request = window.selected else { return }
            show(DecisionForm(request), &shared) { $0.decide($1, &$2) }
            shared.awaitPaint()
        case .refresh: refresh(&shared)
        case .filter, .clear:
            selection.showsAll = action == .filter && !selection.showsAll
            restart(&shared)
            countRows(&shared)
        default: break
        }
    }

    mutating func hear(_ news: News, _ shared: inout Shared) {
        if case .approvalsChanged = news, !isWriting { refresh(&shared) }
    }

    /// Sends what was decided in the form.
    private mutating func decide(_ form: DecisionForm, _ shared: inout Shared) {
        let request = form.request
        let done = form.decision == .approve ? "approved" : "denied"
        let words = "Request \(request.id) \(done): \(ActionName.words(request.action)), \(request.accountEmail)."
        isWriting = true
        let work = Decide(approval: request, decision: form.decision, reason: form.reasonText)
        _ = carryOut(work, &shared) { $0.takeDecision($1, words, &$2) }
    }

    private mutating func takeDecision(
        _ result: Result<ApprovalDesk.Result, AdminError>, _ words: String, _ shared: inout Shared
    ) {
        isWriting = false
        switch result {
        case .success(let result):
            let receipt = "Receipt \(result.receipt.sequence)."
            if result.receipt.outcome == .done {
                shared.say("\(words) \(receipt)", .good)
            } else {
                shared.say("Refused: \(result.message ?? "no reason given") \(receipt)", .caution)
            }
        case .failure(let error):
            shared.noteConnection(error)
            shared.say(error.description, .danger)
        }
        refresh(&shared)
        // The page and the header show what the decision changed.
        shared.readPending()
        shared.tell(.approvalsChanged)
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
        ListCount(try await session.approvals.page(all: showsAll, limit: 1001).count, most: 1000)
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
