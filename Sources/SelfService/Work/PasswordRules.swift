internal import AccountPolicy
internal import ConvonetCore
import Credentials
import SelfServiceCore

/// The policy in force, asked for anew every few seconds.
///
/// What is judged by it is said to be judged by it, and the database takes no password that another policy judged: so what is
/// kept here can be old without doing harm.
actor PasswordRules {
    private let database: SelfServiceDatabase
    private var current: PolicyReading?
    private var readAt = ContinuousClock.now

    private static let keptFor = Duration.seconds(5)

    init(_ database: SelfServiceDatabase) { self.database = database }

    /// The rules in force; throws `AdminError` where the database does not say.
    func inForce() async throws -> PolicyReading {
        if let current, ContinuousClock.now - readAt < Self.keptFor { return current }
        return try await readAnew()
    }

    /// The rules in force by now, whatever was read before.
    func readAnew() async throws -> PolicyReading {
        let reading = try await database.policy(after: current)
        (current, readAt) = (reading, .now)
        return reading
    }
}

extension PasswordAssessment {
    /// The rule that refuses the password, or nil; of several that one which no other change would mend.
    var refusal: PasswordFinding? {
        guard case .refused(let finding) = verdict(allowWeak: false) else { return nil }
        return findings.first { $0.rule == .tooShort } ?? finding
    }
}
