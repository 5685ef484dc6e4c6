import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// Requests for a second person, newest first: the changes of protected accounts that somebody asked for.
struct ApprovalList: EventScreen, ListScreen {
    var selection = ApprovalSelection()
    var window = VirtualList<ApprovalRequest>()
    var answered: ListAnswer<ApprovalSelection>?
    var unansweredSince: Int?
    var live = LiveReading()
    var openingKeys: [Key]?

    var name: String { "approvals" }
    var place: Place? { .approvals }

    var actions: Set<ConsoleAction> { [.open, .openAccount, .filter, .clear, .refresh] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open:
            isUsable ? nil : obstacle(console.shared).map { window.selected == nil ? $0 : $0 + " o opens the page." }
        case .openAccount:
            window.selected == nil
                ? "There is no request." : unavailability(ofAccount: window.selected?.accountID, in: console)
        case .clear: selection.showsAll ? nil : "Only pending requests are shown already."
        default: nil
        }
    }

    /// Whether the selected request is this operator's, approved and not used yet: it goes on where the change is made.
    private var isUsable: Bool { window.selected?.isOwn == true && window.selected?.state == .approved }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool { waitsForAccount(key, &shared) }

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
        return shared.context.mayDecide ? nil : AdminError.notPermitted(.decideApprovals).inConsole
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if move(action, &shared) { return }
        switch action {
        case .back, .quit: shared.close()
        case .openAccount: openAccount(window.selected?.accountID, &shared)
        case .open where isUsable: openAccount(window.selected?.accountID, &shared)
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
