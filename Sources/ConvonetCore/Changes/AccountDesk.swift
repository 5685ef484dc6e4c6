import FoundationEssentials
import PostgresClient

/// Changes passwords, voice PINs and states of accounts: the one way from either front end to the database's functions.
public struct AccountDesk: Sendable {
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
    public func perform(_ change: AccountChange, progress: @escaping Progress = { _ in }) async throws -> ChangeResult {
        // In a task of its own: what was sent may be done, and somebody has to hear of it, and of the new secret.
        try await Task(executorPreference: WorkerThreads.shared) { try await carryOut(change, progress) }.value
    }

    private func carryOut(_ change: AccountChange, _ progress: @escaping Progress) async throws -> ChangeResult {
        func submit(_ call: Statement) async throws -> ChangeResult { try await self.submit(change, call, progress) }
        if let refusal = courtesyRefusal(of: change) { return try await record(refusal, of: change) }
        let claimed = claims.parameter(change.context, method: change.action.method)
        // One reading of the policy for all of it: what is judged by it and what is said to be judged by it.
        let rules = rules.current
        switch change.action {
        case .generatePassword:
            let password = try generatePassword(for: change.account, by: rules)
            return try await reset(change, to: password, weak: [], by: rules, progress)
        case .setPassword(let entered, let allowWeak):
            let password = entered.composed
            switch assess(entered, for: change.account, by: rules).verdict(allowWeak: allowWeak) {
            case .refused(let finding):
                return try await record(CredentialFailure(finding), of: change)
            case .accepted:
                return try await reset(change, to: password, weak: [], by: rules, progress)
            case .acceptedAsWeak(let weaknesses):
                return try await reset(change, to: password, weak: weaknesses, by: rules, progress)
            }
        case .issuePIN:
            return try await submit(
                "issue_voice_pin(\(change.account.id), \(change.account.version), \(change.requestID), \(claimed))")
        case .setPIN(let pin):
            let digits = Parameter.text(utf8: pin.withBytes { bytes in bytes.indices.map { bytes[$0] } })
            return try await submit(
                "set_voice_pin(\(change.account.id), \(change.account.version), \(digits), \(change.requestID), \(claimed))"
            )
        case .clearPIN:
            return try await submit(
                "clear_voice_pin(\(change.account.id), \(change.account.version), \(change.requestID), \(claimed))")
        case .setActive(let isActive):
            return try await submit(
                "set_account_active(\(change.account.id), \(change.account.version), \(isActive), \(change.requestID), \(claimed))"
            )
        case .setVerified(let isVerified):
            return try await submit(
                "set_account_verified(\(change.account.id), \(change.account.version), \(isVerified), \(change.requestID), \(claimed))"
            )
        case .sendResetLink:
            var result = try await submit(
                "send_reset_link(\(change.account.id), \(change.account.version), \(change.requestID), \(claimed))")
            // Queued is not sent, and nobody looks into the queue.
            if result.outcome == .done, let warning = try? await mailState().warning {
                result.message = [result.message, warning].compactMap { $0 }.joined(separator: " ")
            }
            return result
        case .revokeResetLinks:
            return try await submit(
                "revoke_reset_links(\(change.account.id), \(change.account.version), \(change.requestID), \(claimed))")
        }
    }

    private func generatePassword(
        for account: Account, by rules: PolicyReading
    ) throws(AdminError) -> Secret {
        do {
            return try rules.generatePassword(passwordForm, for: account.passwordContext)
        } catch {
            throw .credential(error)
        }
    }

    /// Writes a refusal by a front end to the log, such as two entries that differ.
    public func recordEntriesDiffer(_ change: AccountChange) async throws -> ChangeResult {
        try await record(
            CredentialFailure(
                rule: ClientRule.entriesDiffer, message: "The two entries do not match. Type both again."),
            of: change)
    }

    /// What can be said before the database is asked; it checks everything again.
    func courtesyRefusal(of change: AccountChange) -> CredentialFailure? {
        switch change.action {
        case .setPIN(let digits):
            do {
                let pin = try VoicePIN(parsing: digits, lengths: policy.pinLengths)
                guard let pattern = PINRules.weakness(of: pin) else { return nil }
                return CredentialFailure(rule: pattern.rule, message: pattern.message)
            } catch {
                return error
            }
        case .sendResetLink where EmailAddress(typed: change.account.email)?.isDeliverable != true:
            return CredentialFailure(
                rule: ClientRule.unusableAddress,
                message: "This account's e-mail address cannot receive mail. Correct it in the application first.")
        default:
            return nil
        }
    }

    private func reset(
        _ change: AccountChange, to password: Secret, weak: [PasswordRule], by rules: PolicyReading,
        _ progress: @escaping Progress
    ) async throws -> ChangeResult {
        let claimed = claims.parameter(
            change.context, method: change.action.method, weak: weak, policy: rules.version)
        let hash = try await hash(password, cost: rules.policy.password.bcryptCost)
        var result = try await submit(
            change,
            "reset_password(\(change.account.id), \(change.account.version), \(hash.text), \(change.requestID), \(claimed))",
            progress)
        // A receipt of an earlier call belongs to another password.
        if change.action == .generatePassword, result.outcome == .done, result.receipt?.isOfThisCall == true {
            result.newSecret = password
        }
        return result
    }

    /// bcrypt takes a fifth of a second of one core, so it runs on a thread that nothing else waits for.
    private func hash(_ password: Secret, cost: Int) async throws -> PasswordHash {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                detachThread {
                    continuation.resume(with: Result { try BcryptHasher(cost: cost).hash(password) })
                }
            }
        } catch let failure as CredentialFailure {
            throw AdminError.credential(failure)
        }
    }

    /// The receipt; nil where it is unknown, or the operator had too many refusals within the hour: the reason for this one
    /// is told all the same.
    private func recorded(_ change: AccountChange, _ call: Statement) async throws -> Receipt? {
        do {
            return try await send(change, call, { _ in }).receipt
        } catch AdminError.database(.server(let refusal)) where refusal.sqlState == "CA006" {
            return nil
        }
    }

    private func record(_ failure: CredentialFailure, of change: AccountChange) async throws -> ChangeResult {
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
