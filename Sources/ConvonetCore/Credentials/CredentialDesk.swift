import Dispatch
import FoundationEssentials
import PostgresClient

/// Changes passwords and voice PINs: the one way from either front end to the database's functions.
public struct CredentialDesk: Sendable {
    let database: Database
    let claims: Claims
    let policy: Policy
    private let reports: AnchorReports
    private let blocklist: Blocklist?

    init(database: Database, claims: Claims, policy: Policy, reports: AnchorReports) throws(AdminError) {
        self.database = database
        self.claims = claims
        self.policy = policy
        self.reports = reports
        do {
            blocklist =
                policy.blockedPasswords.isEmpty
                ? nil : try Blocklist(fileContents: Array(policy.blockedPasswords.joined(separator: "\n").utf8))
        } catch {
            throw .credential(error)
        }
    }

    /// What the rules say of a password for this person.
    public func assess(_ password: Secret, for account: Account) -> PasswordAssessment {
        PasswordAssessment.assess(
            password, policy: policy.password, context: account.passwordContext, blocklist: blocklist)
    }

    /// Carries a change out and logs it; or says why not, which is logged as well.
    ///
    /// If the connection drops after sending, it reconnects and sends the same request id again; only where that does
    /// not help either the outcome is unknown. Cancelling the task does not stop it. Throws
    /// `AdminError` where it did not come to an attempt, and then nothing has changed.
    public func perform(_ change: CredentialChange) async throws -> CredentialResult {
        // In a task of its own: what was sent may be done, and somebody has to hear of it, and of the new secret.
        try await Task { try await carryOut(change) }.value
    }

    private func carryOut(_ change: CredentialChange) async throws -> CredentialResult {
        if let refusal = courtesyRefusal(of: change) { return try await record(refusal, of: change) }
        switch change.action {
        case .generatePassword:
            let password = try generatePassword(for: change.account)
            return try await reset(change, to: password, method: "generated", weak: [], showing: true)
        case .setPassword(let password, let allowWeak):
            switch assess(password, for: change.account).verdict(allowWeak: allowWeak) {
            case .refused(let finding):
                return try await record(CredentialFailure(finding), of: change)
            case .accepted:
                return try await reset(change, to: password, method: "typed", weak: [], showing: false)
            case .acceptedAsWeak(let rules):
                return try await reset(change, to: password, method: "typed", weak: rules, showing: false)
            }
        case .issuePIN:
            let claimed = claims.parameter(change.context, method: "issued")
            return try await submit(
                change,
                "issue_voice_pin(\(change.account.id), \(change.account.version), \(change.requestID), \(claimed))")
        case .setPIN(let pin):
            let digits = Parameter.text(utf8: pin.withBytes { bytes in bytes.indices.map { bytes[$0] } })
            let claimed = claims.parameter(change.context, method: "typed")
            return try await submit(
                change,
                "set_voice_pin(\(change.account.id), \(change.account.version), \(digits), \(change.requestID), \(claimed))"
            )
        case .clearPIN:
            let claimed = claims.parameter(change.context, method: "cleared")
            return try await submit(
                change,
                "clear_voice_pin(\(change.account.id), \(change.account.version), \(change.requestID), \(claimed))")
        }
    }

    private func generatePassword(for account: Account) throws(AdminError) -> Secret {
        do {
            return try PasswordGenerator(
                policy: policy.password, context: account.passwordContext, blocklist: blocklist
            ).generate()
        } catch {
            throw .credential(error)
        }
    }

    /// Whether the change would be sent; nothing is written. What only the database decides stays open.
    public func rehearse(_ change: CredentialChange) -> CredentialResult {
        var refusal = courtesyRefusal(of: change)
        if refusal == nil, case .setPassword(let password, let allowWeak) = change.action,
            case .refused(let finding) = assess(password, for: change.account).verdict(allowWeak: allowWeak)
        {
            refusal = CredentialFailure(finding)
        }
        if refusal == nil, let rule = expectedRefusal(of: change) {
            refusal = CredentialFailure(rule: rule, message: RefusalText.message(rule: rule, detail: policy))
        }
        return CredentialResult(
            outcome: refusal == nil ? .wouldDo : .refused, rule: refusal?.rule, message: refusal?.message,
            account: change.account, requestID: change.requestID)
    }

    /// The rule by which the database will refuse it, as far as policy and account show; it decides in the same order.
    private func expectedRefusal(of change: CredentialChange) -> String? {
        if policy.requiresReason, change.context.reason == nil { return "reason_required" }
        if policy.requiresTicket, change.context.ticket == nil { return "ticket_required" }
        if !policy.verificationMethods.isEmpty {
            guard let method = change.context.verifiedBy,
                policy.verificationMethods.contains(where: { $0.name == method })
            else {
                return "verification_required"
            }
        }
        switch change.action {
        case .generatePassword, .setPassword:
            let isElsewhere = change.account.signIn == .external && !change.context.wantsLocalPassword
            return isElsewhere ? "external_sign_in" : nil
        case .setPIN: return policy.typedPINLimit == 0 ? "typed_pin_limit" : nil
        case .clearPIN: return change.account.hasVoicePIN ? nil : "no_voice_pin"
        case .issuePIN: return nil
        }
    }

    /// Writes a refusal by a front end to the log, such as two entries that differ.
    public func recordEntriesDiffer(_ change: CredentialChange) async throws -> CredentialResult {
        try await record(
            CredentialFailure(rule: ClientRule.entriesDiffer, message: "The two entries differ. Type both again."),
            of: change)
    }

    /// What can be said before the database is asked; it checks everything again.
    private func courtesyRefusal(of change: CredentialChange) -> CredentialFailure? {
        switch change.action {
        case .setPIN(let digits):
            do {
                let pin = try VoicePIN(parsing: digits, lengths: policy.pinLengths)
                guard let pattern = PINRules.weakness(of: pin) else { return nil }
                return CredentialFailure(rule: pattern.rule, message: pattern.message)
            } catch {
                return error
            }
        default:
            return nil
        }
    }

    private func reset(
        _ change: CredentialChange, to password: Secret, method: String, weak: [PasswordRule], showing: Bool
    ) async throws -> CredentialResult {
        let hash = try await hash(password)
        let claimed = claims.parameter(change.context, method: method, weak: weak)
        var result = try await submit(
            change,
            "reset_password(\(change.account.id), \(change.account.version), \(hash.text), \(change.requestID), \(claimed))"
        )
        // A receipt that is given again belongs to another password, unless it was this call that was sent twice.
        let isThisPassword = result.receipt.map { !$0.isReplayed || $0.wasSentTwice } ?? false
        if showing, result.outcome == .done, isThisPassword { result.newSecret = password }
        return result
    }

    /// bcrypt takes a fifth of a second of one core, so it runs on a thread that nothing else waits for.
    private func hash(_ password: Secret) async throws -> PasswordHash {
        let cost = policy.password.bcryptCost
        do {
            return try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global(qos: .userInitiated).async {
                    continuation.resume(with: Result { try BcryptHasher(cost: cost).hash(password) })
                }
            }
        } catch let failure as CredentialFailure {
            throw AdminError.credential(failure)
        }
    }

    private func record(_ failure: CredentialFailure, of change: CredentialChange) async throws -> CredentialResult {
        let claimed = claims.parameter(change.context)
        let receipt = try await send(
            change,
            "record_refusal(\(change.account.id), \(change.action.name), \(failure.rule), \(change.requestID), \(claimed))"
        )
        return CredentialResult(
            outcome: .refused, rule: failure.rule, message: failure.message, account: change.account,
            requestID: change.requestID, receipt: receipt)
    }

    private func submit(_ change: CredentialChange, _ call: Statement) async throws -> CredentialResult {
        guard let receipt = try await send(change, call) else {
            return CredentialResult(
                outcome: .unknown, message: Self.unknownText(change), account: change.account,
                requestID: change.requestID)
        }
        var result = CredentialResult(
            outcome: receipt.outcome, rule: receipt.rule, account: change.account, requestID: change.requestID,
            receipt: receipt, newSecret: receipt.voicePIN)
        if receipt.outcome != .done {
            result.message = RefusalText.message(rule: receipt.rule, detail: policy)
        } else if receipt.isReplayed {
            result.message = Self.replayText(change.action, wasSentTwice: receipt.wasSentTwice)
        }
        if receipt.outcome == .done, let updatedAt = receipt.updatedAt {
            result.account.updatedAt = updatedAt
        }
        return result
    }

    /// The receipt, or nil where the connection was lost after sending and could not be had again in time.
    private func send(_ change: CredentialChange, _ call: Statement) async throws -> Receipt? {
        let (request, action, account) = (change.requestID, change.action.name, change.account.id)
        reports.intent(request: request, action: action, account: account)
        let receipt = try await receipt(change, call)
        if let receipt { reports.head(receipt, request: request, action: action, account: account) }
        return receipt
    }

    private func receipt(_ change: CredentialChange, _ call: Statement) async throws -> Receipt? {
        let statement: Statement = "SELECT \(Receipt.columns) FROM convonet_admin.\(call)"
        var wasSent = false
        for pause in [0, 0, 1, 2, 4, 8] {
            if pause > 0 { try? await Task.sleep(for: .seconds(pause)) }
            do {
                let rows = try await database.pool.change(statement, limit: .seconds(10))
                guard let row = rows.first else { throw PostgresError.unexpectedResult("no receipt") }
                var receipt = try Receipt(row)
                receipt.wasSentTwice = wasSent && change.isNewRequest
                return receipt
            } catch PostgresError.connectionLost(let afterSending) {
                wasSent = wasSent || afterSending
            } catch PostgresError.cannotConnect(let failure) {
                if !wasSent { throw AdminError.database(.cannotConnect(failure)) }
            } catch PostgresError.server(let refusal) where wasSent && refusal.sqlState.isTransient {
                // The first may still be running and hold the account's lock.
                continue
            } catch PostgresError.server(let refusal) where refusal.sqlState == "P0002" {
                throw AdminError.accountUnknown(change.account.email)
            } catch let error as PostgresError {
                throw AdminError(error, during: .changeCredentials)
            }
        }
        if wasSent { return nil }
        throw AdminError.database(.connectionLost(afterSending: false))
    }

    /// What the receipt of an earlier call does not give; `wasSentTwice` is true where that call was this one.
    private static func replayText(_ action: CredentialChange.Action, wasSentTwice: Bool) -> String? {
        switch action {
        case .issuePIN: "A PIN was issued by this request already, and is not shown again. Issue another one."
        case .generatePassword where !wasSentTwice:
            "The password that was made up then is not shown again. For another, reset it without this request id."
        case .setPassword where !wasSentTwice, .setPIN where !wasSentTwice:
            "What was given now was not used: this request id had done its work already."
        default: nil
        }
    }

    private static func unknownText(_ change: CredentialChange) -> String {
        """
        The connection was lost after the change was sent, and it is not known whether it was done. \
        Find out with “convonet-admin show \(change.account.email)” (look at the time of the last change), or send it \
        again with --request-id \(change.requestID.uuidString.lowercased()): it is carried out at most once.
        """
    }
}

extension CredentialFailure {
    fileprivate init(_ finding: PasswordFinding) {
        self.init(rule: finding.rule.rawValue, message: finding.message)
    }
}
