import ConvonetDatabase
import FoundationEssentials
import TerminalKit

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

/// How changes of many people are found out about, and end.
extension FakeWorld {
    private func refusal(of change: AccountChange) -> (ChangeResult.Outcome, String)? {
        guard let now = accounts.first(where: { $0.id == change.account.id }) else { return nil }
        if now.version != change.account.version { return (.conflict, "account_changed") }
        if now.isFrozen { return (.refused, "frozen") }
        if protected.contains(now.id) { return (.refused, "approval_required") }
        var after = now
        change.action.kind.apply(&after, nil)
        return change.action.kind.words.alreadySo != nil && after == now ? (.refused, "already_so") : nil
    }

    /// What the database's checks say.
    func rehearse(_ change: AccountChange) -> Result<ChangeResult, AdminError> {
        guard accounts.contains(where: { $0.id == change.account.id }) else {
            return .failure(.accountUnknown(change.account.email))
        }
        let found = refusal(of: change)
        return .success(
            ChangeResult(
                outcome: found?.0 ?? .wouldDo, rule: found?.1, message: found.map { "It is refused: \($0.1)." },
                account: change.account, requestID: change.requestID))
    }

    /// Ends as was foreseen, or else as the checks say.
    mutating func carryOut(_ change: AccountChange) -> Result<ChangeResult, AdminError> {
        guard endings.isEmpty else {
            return endings.removeFirst().map { end($0, of: change.account) }
        }
        // Whoever is protected by then is asked for, which leaves a receipt.
        if protected.contains(change.account.id) {
            return .success(end(.refused("Ask a supervisor.", rule: "approval_required"), of: change.account))
        }
        var result = rehearse(change)
        guard case .success(let found) = result, found.outcome == .wouldDo else { return result }
        if let index = accounts.firstIndex(where: { $0.id == change.account.id }) {
            change.action.kind.apply(&accounts[index], nil)
        }
        result = .success(end(.done(secret: nil), of: change.account))
        return result
    }
}
