import AccountPolicy
public import ConvonetDatabase
public import Credentials
import EmailAddresses
import FoundationEssentials
import OperatingSystem
import PostgresClient

/// Changes passwords, voice PINs and states of accounts: the one way from either front end to the database's functions.
public struct AccountEditor: Sendable {
    let database: Database
    let claims: Claims
    let rules: RulesInForce
    let reports: AnchorReports
    /// What passwords that are made up look like.
    let passwordForm: PasswordForm

    var policy: Policy { rules.current.policy }

    /// What the rules that were read last say of a password for this person.
    public func assess(_ password: Secret, for account: Account) -> PasswordAssessment {
        assess(password, for: account, by: rules.current)
    }

    func assess(_ password: Secret, for account: Account, by rules: PolicyReading) -> PasswordAssessment {
        rules.assess(password, for: account.passwordContext)
    }

    /// Carries a change out and logs it; or says why not, which is logged as well.
    ///
    /// If the connection drops after sending, it reconnects and sends the same request id again; only where that does
    /// not help either the outcome is unknown; all of that takes 45 seconds at most, and `progress` hears of it.
    /// Cancelling the task does not stop it. Throws `AdminError` where it did not come to an attempt, and then nothing has
    /// changed.
    public func perform(_ change: AccountChange, progress: @escaping Progress = { _ in }) async throws(AdminError)
        -> ChangeResult
    {
        try await database.translating(.changeCredentials) {
            // In a task of its own: what was sent may be done, and somebody has to hear of it, and of the new secret.
            try await Task(executorPreference: WorkerThreads.shared) { try await carryOut(change, progress) }.value
        }
    }

    private func carryOut(_ change: AccountChange, _ progress: @escaping Progress) async throws(AdminError)
        -> ChangeResult
    {
        if let refusal = refusalBeforeSending(of: change) { return try await record(refusal, of: change) }
        // One reading of the policy for all of it: what is judged by it and what is said to be judged by it.
        let rules = rules.current
        async let isWarm: Void = warmUp(for: change, by: rules)
        let ready: ReadyValue
        switch try await readyValue(of: change, by: rules) {
        case .failure(let refusal): return try await record(refusal, of: change)
        case .success(let value): ready = value
        }
        await isWarm
        let claimed = claims.parameter(
            change.context, method: change.action.kind.method, weak: ready.weaknesses,
            policy: change.action.kind.value.isHashed ? rules.version : nil)
        let (account, function) = (change.account, Statement(trusted: change.action.kind.function))
        var result = try await submit(
            change, "\(function)(\(account.id), \(account.version)\(ready.argument), \(change.requestID), \(claimed))",
            progress)
        // A receipt of an earlier call belongs to another password.
        if result.outcome == .done, result.receipt?.isOfThisCall == true, let made = ready.made {
            result.newSecret = made
        }
        if result.outcome == .done {
            let notes = [result.message] + (await selfServiceNotes(on: change.action.kind, under: rules.policy))
            result.message = notes.contains { $0 != nil } ? notes.compactMap { $0 }.joined(separator: " ") : nil
        }
        return result
    }

    /// What to say of what people do with it themselves: queued is not sent, and nobody looks into the queue.
    private func selfServiceNotes(on action: AccountAction, under policy: Policy) async -> [String?] {
        if action.sendsMail { return [try? await mailState().warning] }
        guard action.value == .generatedCode else { return [] }
        return ["It is valid once, for \(policy.resetCodeMinutes) minutes.", try? await mailState().codeWarning]
    }

    /// What can be said before the database is asked; it checks everything again.
    func refusalBeforeSending(of change: AccountChange) -> CredentialFailure? {
        let action = change.action
        if case .typedText(let text) = action.kind.value {
            return action.secret.flatMap { text.refusal($0, policy) }
        }
        guard action.kind.sendsMail, EmailAddress(typed: change.account.email)?.isDeliverable != true else {
            return nil
        }
        return CredentialFailure(
            rule: ClientRule.unusableAddress,
            message: "This account's e-mail address cannot receive mail. Correct it in the application first.")
    }

    /// The receipt; nil where it is unknown, or the operator had too many refusals within the hour: the reason for this one
    /// is told all the same.
    private func recorded(_ change: AccountChange, _ call: Statement) async throws(AdminError) -> Receipt? {
        do {
            return try await send(change, call, { _ in }).receipt
        } catch AdminError.database(.server(let refusal)) where refusal.sqlState == .tooManyEvents {
            return nil
        }
    }

    private func record(_ failure: CredentialFailure, of change: AccountChange) async throws(AdminError) -> ChangeResult
    {
        let claimed = claims.parameter(change.context)
        let receipt = try await recorded(
            change,
            "record_refusal(\(change.account.id), \(change.action.name), \(failure.rule), \(change.requestID), \(claimed))"
        )
        return ChangeResult(
            outcome: .refused, rule: failure.rule, message: failure.message, account: change.account,
            requestID: change.requestID, receipt: receipt)
    }
}

extension CredentialFailure {
    init(_ finding: PasswordFinding) {
        self.init(rule: finding.rule.rawValue, message: finding.message)
    }
}
