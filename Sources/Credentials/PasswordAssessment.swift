/// What the rules say of one password for one person.
public struct PasswordAssessment: Equatable, Sendable {
    /// What is to happen with the password.
    public enum Verdict: Equatable, Sendable {
        /// It meets every rule.
        case accepted
        /// It is weak or short, and let through because the operator said so and the policy allows it.
        case acceptedAsWeak([PasswordRule])
        /// It must not be used; the finding is the most serious one.
        case refused(PasswordFinding)
    }

    /// The least code points that any password has.
    public static let absoluteMinimumLength = 6

    /// How hard it is to guess: 0 (at once) to 4 (hard, even with the hash in hand); 0 where it cannot be a password.
    public let score: Int

    /// What most of a weak password looks like, such as "neighbouring keys"; nil where nothing stands out.
    public let likeness: String?

    /// The rules that are not met, the most serious first; what cannot be overridden comes before what can.
    public let findings: [PasswordFinding]

    /// The verdict; `allowWeak` is the operator's explicit word, which counts only where the policy allows it.
    public func verdict(allowWeak: Bool) -> Verdict {
        guard let first = findings.first else { return .accepted }
        if let hard = findings.first(where: { !$0.isOverridable }) { return .refused(hard) }
        return allowWeak ? .acceptedAsWeak(findings.map(\.rule)) : .refused(first)
    }

    /// Holds a password against the rules; it takes about a millisecond, and nothing of the password remains.
    ///
    /// It is judged as it will be used, that is ``Secret/composed``, and its characters as they were entered.
    /// The commonest passwords are refused always; `blocklist` is the organisation's own list in addition, and `breached` has the
    /// leaked ones, which are looked up where the policy requires it.
    public static func assess(
        _ entered: Secret,
        policy: PasswordPolicy,
        context: PasswordContext,
        blocklist: Blocklist? = nil,
        breached: BreachedPasswords = .none
    ) -> PasswordAssessment {
        if let finding = unusable(entered) {
            return PasswordAssessment(score: 0, likeness: nil, findings: [finding])
        }
        let secret = entered.composed
        let organisation = policy.organisationWords
        let strength = PasswordStrength(secret, words: context.words.map(\.folded), organisation: organisation)
        var findings: [PasswordFinding] = []
        if Blocklist.commonest.contains(secret) { findings.append(finding(.common)) }
        if let blocklist, blocklist.contains(secret) { findings.append(finding(.organisationList)) }
        if let finding = breachedFinding(secret, policy, breached) { findings.append(finding) }
        if secret.byteCount <= BcryptHasher.maximumByteCount {
            findings += contextFindings(secret, context: context, organisation: organisation)
        } else {
            findings.insert(finding(.tooLong), at: 0)
        }
        let content = PasswordContent(secret)
        if content.isBlank { findings.append(finding(.spacesOnly)) }
        if policy.requiresUppercase, !content.hasUppercase { findings.append(finding(.needsUppercase)) }
        if policy.requiresLowercase, !content.hasLowercase { findings.append(finding(.needsLowercase)) }
        if policy.requiresDigit, !content.hasDigit { findings.append(finding(.needsDigit)) }
        if policy.requiresSymbol, !content.hasSymbol { findings.append(finding(.needsSymbol)) }
        if secret.codePointCount < policy.minimumLength { findings.append(tooShort(secret.codePointCount, policy)) }
        if strength.score < policy.minimumScore { findings.append(tooWeak(strength, policy)) }
        return PasswordAssessment(score: strength.score, likeness: strength.likeness, findings: findings)
    }

    private static func unusable(_ secret: Secret) -> PasswordFinding? {
        if secret.isEmpty { return finding(.empty) }
        if secret.containsNUL { return finding(.nul) }
        if !secret.isValidUTF8 { return finding(.notUTF8) }
        guard let fault = secret.entryFault else { return nil }
        // Of nothing but spaces the rule that says so says more.
        if fault.rule == .invisibleEnd, PasswordContent(secret).isBlank { return nil }
        return PasswordFinding(
            rule: fault.rule, message: fault.rule.message(about: fault.character), isOverridable: false)
    }

    private static func breachedFinding(
        _ secret: Secret, _ policy: PasswordPolicy, _ breached: BreachedPasswords
    ) -> PasswordFinding? {
        guard !policy.breachedList.isEmpty else { return nil }
        do {
            return try breached.contains(secret, inListOf: policy.breachedList) ? finding(.breached) : nil
        } catch {
            let next = BreachedPasswords.Unavailable.next(required: policy.breachedList)
            return PasswordFinding(
                rule: .unchecked, message: "\(error.reason) \(next) Or generate a password.", isOverridable: false)
        }
    }

    private static func contextFindings(
        _ secret: Secret, context: PasswordContext, organisation: OrganisationWords
    ) -> [PasswordFinding] {
        let folded = FoldedSecret(secret)
        var findings: [PasswordFinding] = []
        for word in context.words where folded.contains(word.folded) {
            let message =
                "The password contains part of the account's \(word.origin), which is guessed first. Choose unrelated words."
            findings.append(PasswordFinding(rule: .containsName, message: message, isOverridable: false))
            break
        }
        if organisation.contains(wordOf: folded) { findings.append(finding(.containsOrganisationWord)) }
        return findings
    }

    private static func finding(_ rule: PasswordRule) -> PasswordFinding {
        PasswordFinding(rule: rule, message: rule.message, isOverridable: false)
    }

    private static func tooShort(_ length: Int, _ policy: PasswordPolicy) -> PasswordFinding {
        let message =
            "The password has \(length) character\(length == 1 ? "" : "s"); the policy requires at least "
            + "\(policy.minimumLength). Add words rather than symbols."
        return PasswordFinding(
            rule: .tooShort, message: message,
            isOverridable: policy.allowsWeak && length >= absoluteMinimumLength)
    }

    private static func tooWeak(_ strength: PasswordStrength, _ policy: PasswordPolicy) -> PasswordFinding {
        let reason = strength.likeness.map { ": much of it looks like \($0)" } ?? ""
        let message =
            "The password is too easy to guess (score \(strength.score) of 4; the policy requires "
            + "\(policy.minimumScore))\(reason). Add unrelated words, or generate one."
        return PasswordFinding(rule: .tooWeak, message: message, isOverridable: policy.allowsWeak)
    }
}
