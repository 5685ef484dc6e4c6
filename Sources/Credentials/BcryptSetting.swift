/// The first 29 characters of a bcrypt hash: version, cost and salt, without the result.
///
/// With it a password can be hashed for comparison by whoever keeps the whole hash.
public struct BcryptSetting: Equatable, Sendable {
    /// Such as `$2b$12$` and 22 more characters.
    let text: String

    /// Takes the beginning of a hash; nil where it is none.
    public init?(parsing text: String) {
        // Any result makes it a hash, whose shape is then known to be right.
        guard text.utf8.count == 29, (try? PasswordHash(parsing: text + String(repeating: ".", count: 31))) != nil
        else {
            return nil
        }
        self.text = text
    }
}

extension BcryptHasher {
    /// A setting of this cost with a salt of chance, which is nobody's: to take the same time where there is nothing to compare.
    ///
    /// - Throws: `password_hash_failed` where there is no salt.
    public func nobodysSetting() throws(CredentialFailure) -> BcryptSetting {
        let text = String(decoding: try newSetting().prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let parsed = BcryptSetting(parsing: text) else { throw HashComputation.failure }
        return parsed
    }

    /// The hash of a password under a setting, to be compared elsewhere; nil where C cannot hash it.
    ///
    /// As at the application's login, bytes after the 72nd do not count.
    public static func proof(of secret: Secret, under setting: BcryptSetting) -> PasswordHash? {
        guard !secret.containsNUL else { return nil }
        let stored = setting.text.utf8.map { CChar(bitPattern: $0) } + [0]
        return bcrypt(secret, setting: stored).flatMap { try? PasswordHash(parsing: $0) }
    }
}
