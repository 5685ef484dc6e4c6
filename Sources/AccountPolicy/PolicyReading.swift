import ConvonetDatabase
public import Credentials
package import PostgresClient

/// The policy as it was read once, with what is made of it: what passwords are judged by.
public struct PolicyReading: Sendable {
    /// The policy.
    public let policy: Policy
    /// Which rules for passwords it has: what was judged by others is refused.
    package let version: String
    private let json: String
    private let blocklist: Blocklist?
    private let breached: BreachedPasswords

    /// What the rules say of a password for somebody.
    public func assess(_ password: Secret, for context: PasswordContext) -> PasswordAssessment {
        PasswordAssessment.assess(
            password, policy: policy.password, context: context, blocklist: blocklist, breached: breached)
    }

    /// A password of chance that the rules take.
    package func generatePassword(_ form: PasswordForm, for context: PasswordContext) throws(CredentialFailure)
        -> Secret
    {
        try PasswordGenerator(form: form, policy: policy.password, context: context, blocklist: blocklist).generate()
    }

    /// The version, then the policy.
    package static let columns: Statement = "\(Statement(trusted: versionSQL)), \(Policy.columns)"
    package static let statement: Statement = "SELECT \(columns) FROM convonet_admin.policy p"

    /// The version as SQL over the policy's row `p`: everything that a password is judged and hashed by. Where no list of leaked
    /// passwords is required, it is that of programs that know of none.
    package static let versionSQL = """
        left(encode(sha256(convert_to(p.breached_passwords || ROW(p.minimum_length, p.minimum_score, p.require_uppercase, p.require_lowercase, \
        p.require_digit, p.require_symbol, p.allow_weak, p.context_words, p.bcrypt_cost, p.blocked_passwords)::text, \
        'UTF8')), 'hex'), 32)
        """

    /// Reads a row with `columns` at `first`; of an earlier reading of the same rules what was made of them is kept.
    package init(
        _ row: Row, from first: Int = 0, after earlier: PolicyReading? = nil, breached: BreachedPasswords
    ) throws {
        self.breached = breached
        version = try row.text(first)
        let json = try row.text(first + 1)
        self.json = json
        if let earlier, earlier.json == json { policy = earlier.policy } else { policy = try Policy(json: json) }
        if let earlier, earlier.version == version {
            blocklist = earlier.blocklist
        } else if policy.blockedPasswords.isEmpty {
            blocklist = nil
        } else {
            do {
                blocklist = try Blocklist(fileContents: Array(policy.blockedPasswords.joined(separator: "\n").utf8))
            } catch {
                throw AdminError.credential(error)
            }
        }
    }
}
