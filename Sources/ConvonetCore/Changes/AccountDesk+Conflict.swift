import ConvonetDatabase
import PostgresClient

extension AccountDesk {
    /// The words for a rule of the database; of what changed meanwhile it is said what, and a policy that changed is read
    /// anew, so that the next try is judged by it.
    func message(_ rule: String?, of change: AccountChange, approval: Int? = nil) async -> String {
        var changed: [String] = []
        switch rule {
        case "account_changed":
            let rows = try? await database.query(
                AccountDirectory.accountStatement(change.account.id), for: .viewAccounts)
            if let row = rows?.first, let now = try? Account(row) { changed = change.account.differences(from: now) }
        case "policy_changed":
            let rows = try? await database.query(PolicyReading.statement, for: .viewAccounts)
            if let row = rows?.first { _ = try? rules.take(row) }
        default: break
        }
        return RefusalText.message(
            rule: rule, detail: policy, action: change.action.kind, approval: approval, changed: changed)
    }
}

extension Account {
    /// What of an account counts for a change of it and is different now, in words.
    func differences(from now: Account) -> [String] {
        let pairs: [(String, Bool)] = [
            ("e-mail address", email == now.email), ("username", username == now.username),
            ("name", firstName == now.firstName && lastName == now.lastName),
            ("sign-in method", signIn == now.signIn && externalMarker == now.externalMarker),
            ("voice PIN", hasVoicePIN == now.hasVoicePIN),
            ("active or inactive", isActive == now.isActive),
            ("verified or not", isVerified == now.isVerified),
        ]
        let names = pairs.filter { !$0.1 }.map(\.0)
        return names.isEmpty ? ["password or voice PIN (see its history)"] : names
    }
}
