import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import TerminalKit

extension Shared {
    /// Sends what was decided in the form. What comes of it is said wherever one is by then.
    package mutating func decide(_ form: DecisionForm) {
        let request = form.request
        let done = form.decision == .approve ? "approved" : "denied"
        let words = "Request \(request.id) \(done): \(ActionName.words(request.action)), \(request.accountEmail)."
        isDeciding = true
        let work = Decide(approval: request, decision: form.decision, reason: form.reasonText)
        inBackground { $0.ask(work, &$1) { $2.takeDecision($1, words) } }
    }

    private mutating func takeDecision(_ result: Result<ApprovalQueue.Result, AdminError>, _ words: String) {
        isDeciding = false
        switch result {
        case .success(let result):
            let receipt = "Receipt \(result.receipt.sequence)."
            if result.receipt.outcome == .done {
                say("\(words) \(receipt)", .good)
            } else {
                say("Refused: \(result.message ?? "no reason given") \(receipt)", .caution)
            }
        case .failure(let error):
            noteConnection(error)
            say(error.inConsole, .danger)
        }
        // The list, the page and the header show what the decision changed.
        readPending()
        tell(.approvalsChanged)
    }
}
