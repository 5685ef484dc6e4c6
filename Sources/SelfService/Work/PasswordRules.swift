internal import ConvonetCore

/// The policy in force, asked for anew every few seconds, and what it says of passwords.
actor PasswordRules {
    private let desk: SelfServiceDesk
    private var current: Rules?
    private var readAt = ContinuousClock.now

    private static let keptFor = Duration.seconds(5)

    init(_ desk: SelfServiceDesk) { self.desk = desk }

    /// A policy with its list of passwords made fit to be searched.
    struct Rules: Sendable {
        let policy: Policy
        private let blocklist: Blocklist?

        fileprivate init(_ policy: Policy) throws {
            self.policy = policy
            blocklist =
                policy.blockedPasswords.isEmpty
                ? nil : try Blocklist(fileContents: Array(policy.blockedPasswords.joined(separator: "\n").utf8))
        }

        /// What the rules say of a password for this person.
        func assess(_ password: Secret, for person: SelfServicePerson) -> PasswordAssessment {
            PasswordAssessment.assess(
                password, policy: policy.password, context: person.passwordContext, blocklist: blocklist)
        }

        /// The rule that refuses it, or nil; of several that one which no other change would mend.
        func refusal(_ assessment: PasswordAssessment) -> PasswordFinding? {
            guard case .refused(let finding) = assessment.verdict(allowWeak: false) else { return nil }
            return assessment.findings.first { $0.rule == .tooShort } ?? finding
        }
    }

    /// The rules in force; throws `AdminError` where the database does not say.
    func inForce() async throws -> Rules {
        if let current, ContinuousClock.now - readAt < Self.keptFor { return current }
        let policy = try await desk.policy()
        let rules = if let current, current.policy == policy { current } else { try Rules(policy) }
        (current, readAt) = (rules, .now)
        return rules
    }
}
