import PostgresClient

extension AccountDesk {
    /// Whether the change would be sent; nothing is written. What only the database decides stays open.
    public func rehearse(_ change: AccountChange) async throws -> ChangeResult {
        var refusal = courtesyRefusal(of: change)
        if refusal == nil, case .setPassword(let password, let allowWeak) = change.action,
            case .refused(let finding) = assess(password, for: change.account).verdict(allowWeak: allowWeak)
        {
            refusal = CredentialFailure(finding)
        }
        var rule = refusal == nil ? expectedRefusal(of: change) : nil
        if refusal == nil, rule == nil, let ticket = change.context.ticket, try await !ticketMatches(ticket) {
            rule = "ticket_malformed"
        }
        if refusal == nil, rule == nil { rule = try await protection(against: change) }
        if let rule {
            refusal = CredentialFailure(
                rule: rule, message: RefusalText.message(rule: rule, detail: policy, action: change.action))
        }
        return ChangeResult(
            outcome: refusal == nil ? .wouldDo : .refused, rule: refusal?.rule, message: refusal?.message,
            account: change.account, requestID: change.requestID)
    }

    /// PostgreSQL's regular expressions are its own, so it is asked.
    private func ticketMatches(_ ticket: String) async throws -> Bool {
        guard !policy.ticketPattern.isEmpty else { return true }
        let rows = try await database.query(
            "SELECT \(ticket) ~ ('^(?:' || \(policy.ticketPattern) || ')$')", for: .viewAccounts)
        return try rows.first?.bool(0) ?? false
    }

    /// The rule by which the database will refuse it, as far as policy and account show; it decides in the same order.
    private func expectedRefusal(of change: AccountChange) -> String? {
        if policy.requiresReason, change.context.reason == nil { return "reason_required" }
        if policy.requiresTicket, change.context.ticket == nil { return "ticket_required" }
        if !policy.verificationMethods.isEmpty {
            guard let method = change.context.verifiedBy,
                policy.verificationMethods.contains(where: { $0.name == method })
            else {
                return "verification_required"
            }
        }
        if !policy.allowsTyped, change.action.isTyped { return "typed_not_allowed" }
        switch change.action {
        case .setActive(let isActive): return change.account.isActive == isActive ? "already_so" : nil
        case .setVerified(let isVerified): return change.account.isVerified == isVerified ? "already_so" : nil
        case .generatePassword, .setPassword, .sendResetLink:
            if policy.selfService.linksOnly, change.action != .sendResetLink { return "links_only" }
            if change.action == .sendResetLink, !change.account.isActive { return "link_to_inactive" }
            let isElsewhere = change.account.signIn == .external && !change.context.wantsLocalPassword
            return isElsewhere ? "external_sign_in" : nil
        case .setPIN: return policy.typedPINLimit == 0 ? "typed_pin_limit" : nil
        case .clearPIN: return change.account.hasVoicePIN ? nil : "no_voice_pin"
        case .issuePIN, .revokeResetLinks: return nil
        }
    }

    /// Whether every change of this account needs a second person. Throws `AdminError`.
    ///
    /// Only the database knows; where the policy protects nobody it is not asked.
    public func isProtected(_ account: Account) async throws -> Bool {
        if policy.protection.isEmpty { return false }
        let rows = try await database.query(AccountDirectory.protectionStatement(account.id), for: .viewAccounts)
        return try rows.first?.bool(0) ?? false
    }

    /// The rule that stands in the way of a protected account, unless somebody approved this change.
    private func protection(against change: AccountChange) async throws -> String? {
        guard try await isProtected(change.account) else { return nil }
        let approvals = try await approvals.page(all: false, limit: 1000)
        let own = approvals.first {
            $0.isOwn && $0.accountID == change.account.id && $0.action == change.action.name
        }
        return own?.state == .approved ? nil : "approval_required"
    }
}
