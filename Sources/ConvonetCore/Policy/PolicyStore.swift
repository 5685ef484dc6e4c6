public import AccountPolicy
public import ConvonetDatabase
import FoundationEssentials
import PostgresClient

/// Shows and changes the policy.
public struct PolicyStore: Sendable {
    let database: Database
    let claims: Claims
    let rules: RulesInForce
    let reports: AnchorReports

    /// The policy as it is now, by which the session judges from here on.
    public func current() async throws(AdminError) -> Policy {
        let found = try await database.rows(PolicyReading.statement, for: .viewAccounts) { try rules.take($0) }
        guard let policy = found.first else { throw .schemaMissing }
        return policy
    }

    /// Those of the changes that would change something: what is set as it is would only be noise in the log.
    public static func differing(
        _ changes: [(setting: PolicySetting, text: String)], from policy: Policy
    ) throws(AdminError) -> [(setting: PolicySetting, text: String)] {
        var differing: [(setting: PolicySetting, text: String)] = []
        for change in changes where try change.setting.json(parsing: change.text) != change.setting.json(of: policy) {
            differing.append(change)
        }
        return differing
    }

    /// Changes settings, all or none; the log gets one event with the values before and after.
    public func set(_ changes: [(setting: PolicySetting, text: String)], reason: String?) async throws(AdminError)
        -> Receipt
    {
        var parts: [String] = []
        for change in changes {
            parts.append("\"\(change.setting.name)\": \(try change.setting.json(parsing: change.text))")
        }
        let json = Parameter.jsonb("{\(parts.joined(separator: ", "))}")
        let claimed = claims.parameter(ChangeContext(reason: reason))
        let request = UUID()
        let sender = ReceiptSender(database: database, operation: .setPolicy, retryPolicy: .staff, reports: reports)
        let call = ReceiptSender.Call(
            statement: "set_policy(\(json), \(request), \(claimed))", request: request, action: "set_policy",
            account: nil)
        let receipt = try await sender.send(call).lastingReceipt(.setPolicy)
        if receipt.outcome != .done {
            throw AdminError.invalidPolicy(
                setting: changes.map(\.setting.name).joined(separator: ", "),
                reason: receipt.rule == "teams_unavailable"
                    ? "the application's team membership table is missing, or “migrate” had no right to read it."
                    : "the values are not valid, or contradict each other or other settings.")
        }
        return receipt
    }
}
