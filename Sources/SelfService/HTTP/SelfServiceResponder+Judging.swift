internal import AccountPolicy
internal import ConvonetCore
import Credentials
internal import FoundationEssentials
import SelfServiceCore

/// What the rules say of a password that somebody wants.
enum Judgement: Sendable {
    /// In words, why not.
    case refused(String)
    /// It may be set, as far as these rules go.
    case accepted(by: PolicyReading)
}

/// What became of storing a password.
enum Storing: Sendable {
    /// The rules had changed, and the new ones refuse it.
    case refused(String)
    /// What the database said; nil where there is nobody, or no such link.
    case answered(SelfServiceResult?)
}

/// The policy was another each time that a password was to be stored.
struct PolicyUnsettled: Error {}

extension SelfServiceResponder {
    /// Judges a password by these rules; a refusal is logged.
    func judge(
        _ password: Secret, for person: SelfServicePerson, by rules: PolicyReading,
        _ attempt: SelfServiceDatabase.Attempt,
        _ client: String
    ) async throws -> Judgement {
        guard let finding = rules.assess(password, for: person.passwordContext).refusal else {
            return .accepted(by: rules)
        }
        metrics.note(finding.rule)
        try await database.record(finding, in: attempt, of: person.id, from: client, request: UUID())
        return .refused(Self.words(for: finding, rules.policy))
    }

    /// Has a password stored that these rules judged; where others are in force by then, it is judged anew.
    func store(
        _ password: Secret, for person: SelfServicePerson, judgedBy first: PolicyReading,
        _ attempt: SelfServiceDatabase.Attempt, _ client: String,
        _ send: (PasswordHash, PolicyReading, UUID) async throws -> SelfServiceResult?
    ) async throws -> Storing {
        var rules = first
        for _ in 0..<3 {
            let result = try await send(try await hash(password, rules.policy), rules, UUID())
            guard result?.rule == "policy_changed" else { return .answered(result) }
            switch try await judge(password, for: person, by: try await self.rules.readAnew(), attempt, client) {
            case .refused(let words): return .refused(words)
            case .accepted(let newer): rules = newer
            }
        }
        throw PolicyUnsettled()
    }

    private func hash(_ password: Secret, _ policy: Policy) async throws -> PasswordHash {
        let computation = try BcryptHasher(cost: policy.password.bcryptCost).computation(for: password.composed)
        let (first, second) = try await hashing.runTwice { computation.run() }
        return try computation.hash(of: first, second)
    }

    /// The rule in words; the length's are the application's own. What this machine lacks is for its administrators.
    static func words(for finding: PasswordFinding, _ policy: Policy) -> String {
        switch finding.rule {
        case .tooShort: "Password must be at least \(policy.password.minimumLength) characters"
        case .unchecked: "New passwords cannot be checked at the moment. Try again later, or ask support."
        default: finding.message
        }
    }
}
