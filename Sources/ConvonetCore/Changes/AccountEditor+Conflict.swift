import AccountPolicy
import ConvonetDatabase
import PostgresClient

extension AccountEditor {
    /// The words for a rule of the database; of what changed meanwhile it is said what, and a policy that changed is read
    /// anew, so that the next try is judged by it.
    func message(_ rule: String?, of change: AccountChange, approval: Int? = nil) async -> String {
        var changed: [String] = []
        switch rule {
        case "account_changed":
            changed = await change.account.changes(in: database)
        case "policy_changed":
            _ = try? await database.rows(PolicyReading.statement, for: .viewAccounts) { try rules.take($0) }
        case "frozen":
            let found = try? await database.rows(
                AccountObstacles.statement(change.account.id), for: .changeCredentials
            ) { try AccountObstacles($0) }
            if let freeze = found?.first?.freeze { return freeze.refusal }
        default: break
        }
        return RefusalText.message(
            rule: rule, detail: policy, action: change.action.kind, approval: approval, changed: changed)
    }
}

extension Account {
    /// What is different in the account since it was read, in words: what nobody may see is all that is left where nothing else is.
    func changes(in database: Database) async -> [String] {
        let found = try? await database.rows(AccountDirectory.accountStatement(id), for: .viewAccounts) {
            try Account($0)
        }
        guard let now = found?.first else { return [] }
        let differences = differences(from: now)
        return differences.isEmpty ? ["password or voice PIN (see its history)"] : differences.map(\.name)
    }
}
