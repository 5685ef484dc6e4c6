/// A bcrypt hash of the right shape, as the application stores it; it prints as `<password hash>`.
public struct PasswordHash: Equatable, Sendable {
    /// The whole hash, such as `$2b$12$` and 53 more characters: for the database, and for nobody's eyes.
    public let text: String

    /// Takes `$2a$`, `$2b$` or `$2y$`, a cost of two digits (04 to 31) and 53 characters of bcrypt's alphabet.
    ///
    /// - Throws: `password_hash_malformed` where the text is anything else, such as the marker of an outside sign-in.
    public init(parsing text: String) throws(CredentialFailure) {
        guard Self.hasBcryptShape(Array(text.utf8)) else {
            throw CredentialFailure(
                rule: "password_hash_malformed",
                message: "This is not a bcrypt hash. The account may sign in with SSO; show it to check.")
        }
        self.text = text
    }

    /// The cost: the binary logarithm of the number of rounds.
    public var cost: Int {
        let bytes = Array(text.utf8)
        return Int(bytes[4] - 0x30) * 10 + Int(bytes[5] - 0x30)
    }

    private static func hasBcryptShape(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 60, bytes.starts(with: "$2".utf8), bytes[3] == 0x24, bytes[6] == 0x24 else { return false }
        guard bytes[2] == 0x61 || bytes[2] == 0x62 || bytes[2] == 0x79 else { return false }
        guard (0x30...0x39).contains(bytes[4]), (0x30...0x39).contains(bytes[5]) else { return false }
        guard (4...31).contains(Int(bytes[4] - 0x30) * 10 + Int(bytes[5] - 0x30)) else { return false }
        return bytes[7...].allSatisfy { byte in
            switch byte {
            case 0x2E...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
    }
}

extension PasswordHash: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<password hash>`.
    public var description: String { "<password hash>" }

    /// Always `<password hash>`.
    public var debugDescription: String { "<password hash>" }

    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
