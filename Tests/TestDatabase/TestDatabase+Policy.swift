package import ConvonetCore
import PostgresClient

extension TestDatabase {
    /// Sets columns of the policy, past its log.
    package func setPolicy(_ assignments: String) async throws {
        try await sql("UPDATE convonet_admin.policy SET \(assignments)")
    }

    /// Protects accounts by their ids.
    package func protect(_ accounts: Account...) async throws {
        let ids = accounts.map { "'\($0.idText)'" }.joined(separator: ", ")
        try await setPolicy("protected_accounts = ARRAY[\(ids)]")
    }

    /// A call of a function that changes an account, as psql sends it; gives outcome, rule and approval.
    package static func call(
        _ action: AccountChange.Action, _ account: Account, version: String? = nil, claims: String = "{}"
    ) -> String {
        let (id, version) = (account.idText, version ?? account.version)
        let hash = "$2b$12$" + String(repeating: "Q", count: 53)
        let value: String? =
            switch action.kind.value {
            case .none, .drawnPIN: nil
            case .generatedPassword, .typedPassword: "'\(hash)'"
            // At the policy's own cost.
            case .generatedCode:
                "(SELECT overlay('\(hash)' PLACING p.bcrypt_cost::text FROM 5) FROM convonet_admin.policy p)"
            case .typedText: "'8305'"
            case .state(let isOn): "\(isOn)"
            case .replaced: "1"
            }
        let arguments = ["'\(id)'", "'\(version)'", value, "gen_random_uuid()", "'\(claims)'"].compactMap { $0 }
        let function = "\(action.kind.function)(\(arguments.joined(separator: ", ")))"
        return "SELECT outcome || coalesce(':' || rule, '') FROM convonet_admin.\(function);\n"
    }
}

extension AdminSession {
    /// Carries an action out on the account as it is now.
    package func perform(
        _ action: AccountChange.Action, on account: Account, context: ChangeContext = ChangeContext()
    ) async throws -> ChangeResult {
        guard let now = try await accounts.account(id: account.id) else {
            throw NeverHappened(description: "the account is gone")
        }
        return try await changes.perform(AccountChange(account: now, action: action, context: context))
    }
}
