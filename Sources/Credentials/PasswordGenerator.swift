/// Makes passwords that are easily read out over the phone, in one of two forms.
///
/// One that is not allowed is thrown away whole and drawn anew, so that none is more probable than another because of it.
public struct PasswordGenerator: Sendable {
    private let form: PasswordForm
    private var policy: PasswordPolicy
    private let context: PasswordContext
    private let blocklist: Blocklist?

    /// A generator whose passwords are accepted under the policy, for the person, and are not on the organisation's list.
    public init(
        form: PasswordForm = .letters, policy: PasswordPolicy = .standard, context: PasswordContext = .nobody,
        blocklist: Blocklist? = nil
    ) {
        self.form = form
        self.policy = policy
        // What is made up here is nobody's old password.
        self.policy.breachedList = ""
        self.context = context
        self.blocklist = blocklist
    }

    /// A password from the system's generator.
    ///
    /// - Throws: `password_generator_failed`; see ``generate(using:)``.
    public func generate() throws(CredentialFailure) -> Secret {
        var system = SystemRandomNumberGenerator()
        return try generate(using: &system)
    }

    /// A password from the given source, as long as the policy asks.
    ///
    /// - Throws: `password_generator_failed` where a hundred draws were all refused, which a sound source does not do
    ///   unless the organisation's own words leave nothing over.
    public func generate<Generator: RandomNumberGenerator>(
        using generator: inout Generator
    ) throws(CredentialFailure) -> Secret {
        for _ in 0..<100 {
            let secret: Secret? =
                switch form {
                case .letters: LettersDraw(policy).draw(using: &generator)
                case .words: WordsDraw(policy).draw(using: &generator)
                }
            guard let secret else { continue }
            let assessment = PasswordAssessment.assess(secret, policy: policy, context: context, blocklist: blocklist)
            if assessment.verdict(allowWeak: false) == .accepted { return secret }
        }
        throw CredentialFailure(
            rule: "password_generator_failed",
            message: "No password could be generated that the policy accepts. Look at its words and its list.")
    }
}
