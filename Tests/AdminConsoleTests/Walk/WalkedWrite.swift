import ConsoleRequests
import ConvonetCore
import FoundationEssentials

@testable import ConsoleParts

/// What the console sends that may leave an event: of whom, and what.
struct WalkedWrite: Equatable {
    /// What has to have come before it.
    enum Word: Equatable {
        /// A word that was typed, and Enter.
        case typed
        /// The key of the dialog in which a caller is verified.
        case key
    }

    let account: UUID
    let email: String
    /// The names that its event may have.
    let actions: Set<String>
    let word: Word
    /// The request that is decided.
    var approval: Int?

    /// nil for what only reads.
    init?(_ work: any Work) {
        switch work {
        case let change as Change:
            (account, email, word) = (change.account.id, change.account.email, .typed)
            actions = [change.action.name]
        case let step as BatchStep:
            (account, email, word) = (step.row.account.id, step.row.account.email, .typed)
            actions = [step.batch.action.name]
        case let decision as Decide:
            (account, email, word) = (decision.approval.accountID, decision.approval.accountEmail, .typed)
            (actions, approval) = ([decision.decision.rawValue], decision.approval.id)
        case let order as SendCode:
            (account, email, word) = (order.account.id, order.account.email, .key)
            actions = ["send_caller_code"]
        case let order as VerifyCaller:
            (account, email, word) = (order.account.id, order.account.email, .key)
            actions = ["verify_caller"]
        default: return nil
        }
    }
}
