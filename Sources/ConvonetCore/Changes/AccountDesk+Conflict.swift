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
            let rows = try? await database.query(RulesInForce.statement, for: .viewAccounts)
            if let row = rows?.first { _ = try? rules.take(row) }
        default: break
        }
        return RefusalText.message(
            rule: rule, detail: policy, action: change.action, approval: approval, changed: changed)
    }
}

extension Account {
    /// What of an account counts for a change of it and is different now, in words.
    func differences(from now: Account) -> [String] {
        let pairs: [(String, Bool)] = [
            ("the e-mail address", email == now.email), ("the username", username == now.username),
            ("the name", firstName == now.firstName && lastName == now.lastName),
            ("how the person signs in", signIn == now.signIn && externalMarker == now.externalMarker),
            ("whether there is a voice PIN", hasVoicePIN == now.hasVoicePIN),
            ("whether it is active", isActive == now.isActive),
            ("whether it is verified", isVerified == now.isVerified),
        ]
        let names = pairs.filter { !$0.1 }.map(\.0)
        return names.isEmpty ? ["its password or voice PIN, which its history shows"] : names
    }
}
