/// One new hash under way: it is computed twice, and what both gave must agree.
public struct HashComputation: Sendable {
    let secret: Secret
    let setting: [CChar]
    let cost: Int

    static let failure = CredentialFailure(
        rule: "password_hash_failed",
        message: "The password could not be hashed; nothing was changed. Is libcrypt (package libcrypt1) whole?")

    /// Computes it once, which takes one processor for about 0.2 s at cost 12.
    public func run() -> String? { BcryptHasher.bcrypt(secret, setting: setting) }

    /// The hash that both gave. Throws `password_hash_failed` where they differ, or are no hash of the cost that was asked
    /// for.
    public func hash(of first: String?, _ second: String?) throws(CredentialFailure) -> PasswordHash {
        guard let first, first == second, first.hasPrefix("$2b$"), let hash = try? PasswordHash(parsing: first),
            hash.cost == cost
        else { throw Self.failure }
        return hash
    }
}
