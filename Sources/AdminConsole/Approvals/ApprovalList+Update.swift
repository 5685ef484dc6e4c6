import ConvonetCore
import TerminalKit

extension ApprovalList {
    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: obstacle(in: console)
        case .filter, .refresh: deciding == nil ? nil : "A decision is being saved."
        case .sort: "Requests are always sorted newest first."
        case .clear: showsAll ? nil : "Only pending requests are shown already."
        case .approvals: "You are here."
        case .verifyLog: "This is for the log (A)."
        default: nil
        }
    }

    /// Why the selected request cannot be decided here; nil where it can.
    private func obstacle(in console: Console) -> String? {
        guard let request = window.selected else { return "There is no request." }
        if deciding != nil { return "A decision is being saved." }
        guard request.state == .requested else {
            let who = request.decidedBy.map { " by \($0)" } ?? ""
            return "Request \(request.id) was \(request.state.rawValue)\(who)"
                + (request.decisionReason.map { ": “\($0)”" } ?? ".")
        }
        if request.isOwn { return "This is your own request. Somebody else, a supervisor, has to decide it." }
        return console.context.mayDecide ? nil : AdminError.notPermitted(.decideApprovals).description
    }

    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect] {
        guard var page = console[ApprovalList.self] else { return [] }
        defer { if console[ApprovalList.self] != nil { console[ApprovalList.self] = page } }
        if let effects = page.move(action, &console.requests) { return effects }
        switch action {
        case .back, .quit: return console.close()
        case .open:
            guard let request = page.window.selected else { return [] }
            console.menu = .decision(DecisionForm(request))
            return [.awaitPaint]
        case .refresh: return page.refresh(&console.requests)
        case .filter, .clear:
            page.showsAll = action == .filter && !page.showsAll
            return page.begin(&console.requests) + page.countRows(&console.requests)
        default: return []
        }
    }
}

extension Console {
    mutating func openApprovals() -> [Effect] {
        var page = ApprovalList()
        let effects = page.resize(size, &requests) + page.begin(&requests) + page.countRows(&requests)
        self[ApprovalList.self] = nil
        self[ApprovalList.self] = page
        return effects
    }

    mutating func resizeApprovals() -> [Effect] {
        guard var page = self[ApprovalList.self] else { return [] }
        let effects = page.resize(size, &requests)
        self[ApprovalList.self] = page
        return effects
    }

    mutating func takeApprovals(_ request: Int, _ result: Result<ListPage<ApprovalRequest>, AdminError>) -> [Effect] {
        guard var page = self[ApprovalList.self] else { return [] }
        var effects: [Effect] = []
        switch result {
        case .success(let rows):
            guard page.window.fetch?.request == request else { return [] }
            noteConnection(nil)
            effects = page.take(rows, request: request, now: now, &requests).effects
        case .failure(let error):
            guard page.window.fail(request: request) != nil else { return [] }
            noteConnection(error)
            say(error.description + " Press r to try again.", .danger)
        }
        self[ApprovalList.self] = page
        return effects
    }

    /// Sends what was decided in the form.
    mutating func decide(_ form: DecisionForm) -> [Effect] {
        let request = requests.next()
        let done = form.decision == .approve ? "approved" : "denied"
        let words =
            "Request \(form.request.id) \(done): \(ActionName.words(form.request.action)), \(form.request.accountEmail)."
        self[ApprovalList.self]?.deciding = (request, words)
        let work = Decide(approval: form.request, decision: form.decision, reason: form.reasonText)
        return [requests.carryOut(work, as: request) { $0.takeDecision(request, $1) }]
    }

    mutating func takeDecision(_ request: Int, _ result: Result<ApprovalDesk.Result, AdminError>) -> [Effect] {
        guard var page = self[ApprovalList.self], let deciding = page.deciding, deciding.call == request else {
            return []
        }
        page.deciding = nil
        switch result {
        case .success(let result):
            let receipt = "Receipt \(result.receipt.sequence)."
            if result.receipt.outcome == .done {
                say("\(deciding.words) \(receipt)", .good)
            } else {
                say("Refused: \(result.message ?? "no reason given") \(receipt)", .caution)
            }
        case .failure(let error):
            noteConnection(error)
            say(error.description, .danger)
        }
        let effects = page.refresh(&requests)
        self[ApprovalList.self] = page
        // The page and the list below show what the decision changed.
        return effects + readPending() + reloadPerson()
    }
}
