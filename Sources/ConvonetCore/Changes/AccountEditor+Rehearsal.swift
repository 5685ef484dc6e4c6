internal import AccountPolicy
public import ConvonetDatabase
import Credentials
import PostgresClient

extension AccountEditor {
    /// Whether the change would be done; nothing is written.
    ///
    /// The database makes the same checks as for the change itself. What it finds out only by doing it stays open: whether a
    /// PIN is taken, and what the application's triggers say.
    public func rehearse(_ change: AccountChange) async throws(AdminError) -> ChangeResult {
        var refusal = refusalBeforeSending(of: change)
        let rules = rules.current
        if refusal == nil, change.action.kind.value == .typedPassword, let password = change.action.secret,
            case .refused(let finding) = assess(password, for: change.account, by: rules)
                .verdict(allowWeak: change.action.allowsWeak)
        {
            refusal = CredentialFailure(finding)
        }
        if refusal == nil {
            var rule = try await ruleOfChecks(against: change, rules.version) ?? ruleOfState(against: change)
            if rule == nil, let receipt = change.action.receipt {
                let claimed = claims.parameter(change.context)
                rule =
                    try await database.rows(
                        "SELECT convonet_admin.rehearse_undo(\(change.account.id), \(receipt)::bigint, \(claimed))",
                        for: .changeCredentials
                    ) { try $0.optional(0, $0.text) }.first ?? nil
            }
            if let rule { refusal = CredentialFailure(rule: rule, message: await message(rule, of: change)) }
        }
        let conflicts = ["account_changed", "policy_changed"]
        let refused: ChangeResult.Outcome = refusal.map { conflicts.contains($0.rule) } == true ? .conflict : .refused
        let note = change.action.kind.value.isPassword ? rules.policy.temporaryNote : nil
        return ChangeResult(
            outcome: refusal == nil ? .wouldDo : refused, rule: refusal?.rule, message: refusal?.message ?? note,
            account: change.account, requestID: change.requestID)
    }

    /// What the database's checks that are common to all changes say; nil where nothing stands in the way.
    private func ruleOfChecks(against change: AccountChange, _ policy: String) async throws(AdminError) -> String? {
        try await database.translating(.changeCredentials) {
            do {
                let rows = try await database.change(
                    rehearsal(of: change, policy), mayRepeat: true, for: .changeCredentials
                ).rows
                guard let row = rows.first else { throw PostgresError.unexpectedResult("no answer") }
                return try row.optional(0, row.text)
            } catch AdminError.database(.server(let refusal)) where refusal.sqlState == .noDataFound {
                throw AdminError.accountUnknown(change.account.email)
            }
        }
    }

    private func rehearsal(of change: AccountChange, _ policy: String) -> Statement {
        let claimed = claims.parameter(
            change.context, method: change.action.kind.method,
            policy: change.action.kind.value.isHashed ? policy : nil)
        return """
            SELECT convonet_admin.rehearse_change(\(change.action.name), \(change.account.id), \(change.account.version), \
            \(change.requestID), \(claimed))
            """
    }

    /// Has the server read the functions of a change while its hash is computed here; what they answer is of no interest.
    ///
    /// A session's first change takes the server some ten milliseconds more than the next, most of it to read the functions.
    func warmUp(for change: AccountChange, by rules: PolicyReading) async {
        guard change.action.kind.value.isHashed else { return }
        let limit = Duration.seconds(1)
        _ = try? await database.pool.change(
            rehearsal(of: change, rules.version), limit: limit, until: Deadline(in: limit))
    }

    /// What the change's own function decides after the checks that are common to all, as far as the account shows it.
    private func ruleOfState(against change: AccountChange) -> String? {
        if change.action.kind.value == .typedPIN, policy.typedPINLimit == 0 { return "typed_pin_limit" }
        return change.action.kind.refusal(change.account, change.context)
    }

    /// Whether every change of this account needs a second person.
    ///
    /// Only the database knows; where the policy protects nobody it is not asked.
    public func isProtected(_ account: Account) async throws(AdminError) -> Bool {
        if policy.protection.isEmpty { return false }
        return try await database.rows(
            AccountDirectory.protectionStatement(account.id), for: .viewAccounts
        ) { try $0.bool(0) }.first ?? false
    }
}
