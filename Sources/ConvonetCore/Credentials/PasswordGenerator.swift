/// Makes passwords that are easily read out over the phone, such as `Kmwp-7d4x-9rtv-h3kc`.
///
/// Groups of four with dashes between; the first character is an upper-case letter, and at least one digit and one
/// lower-case letter follow, so that policies that ask for either are met; the dash is a symbol.
///
/// The alphabet is 15 letters and 5 digits. Left out is what is taken for something else when read or heard: 0 O o, 1 l I i,
/// 5 S s, 2 Z z, 8 B b, G g Q q, and U u; and all vowels, so that no group spells a word. 6, 9 and v stay: what they are
/// taken for (b, g or q, u) is out.
///
/// Four groups have log2(15 · (20^15 − 15^15 − 5^15)) = 68.7 bits. Each password that is allowed is equally probable: one
/// that is not is thrown away whole and drawn anew.
public struct PasswordGenerator: Sendable {
    /// The letters; the first character is one of them in upper case.
    static let letters = Array("cdfhjkmnprtvwxy".utf8)

    /// The digits.
    static let digits = Array("34679".utf8)

    private let policy: PasswordPolicy
    private let context: PasswordContext
    private let blocklist: Blocklist?

    /// A generator whose passwords are accepted under the policy, for the person, and are not on the organisation's list.
    public init(policy: PasswordPolicy = .standard, context: PasswordContext = .nobody, blocklist: Blocklist? = nil) {
        self.policy = policy
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

    /// A password from the given source: 19 characters, or more where the policy asks for more.
    ///
    /// - Throws: `password_generator_failed` where a hundred draws were all refused, which a sound source does not do
    ///   unless the organisation's own words leave nothing over.
    public func generate<Generator: RandomNumberGenerator>(
        using generator: inout Generator
    ) throws(CredentialFailure) -> Secret {
        for _ in 0..<100 {
            let secret = draw(using: &generator)
            let content = PasswordContent(secret)
            guard content.hasDigit, content.hasLowercase else { continue }
            let assessment = PasswordAssessment.assess(secret, policy: policy, context: context, blocklist: blocklist)
            if assessment.verdict(allowWeak: false) == .accepted { return secret }
        }
        throw CredentialFailure(
            rule: "password_generator_failed",
            message: "No password could be generated that the policy accepts. Look at its words and its list.")
    }

    private func draw<Generator: RandomNumberGenerator>(using generator: inout Generator) -> Secret {
        let groups = max(4, (policy.minimumLength + 5) / 5)
        let memory = SecretMemory(capacity: groups * 5)
        let alphabet = Self.letters + Self.digits
        for index in 0..<(groups * 5 - 1) {
            let character: UInt8
            if index == 0 {
                character = Self.letters[Int.random(in: Self.letters.indices, using: &generator)] - 0x20
            } else if index % 5 == 4 {
                character = 0x2D
            } else {
                character = alphabet[Int.random(in: alphabet.indices, using: &generator)]
            }
            memory.start.storeBytes(of: character, toByteOffset: index, as: UInt8.self)
        }
        return Secret(memory: memory, byteCount: groups * 5 - 1)
    }
}
