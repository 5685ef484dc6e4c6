public import Credentials

extension BcryptHasher {
    /// Whether the application's login would take this password for this hash.
    public static func verify(_ password: Secret, against hash: PasswordHash) -> Bool {
        BcryptSetting(parsing: String(hash.text.prefix(29))).flatMap { proof(of: password, under: $0) } == hash
    }
}
