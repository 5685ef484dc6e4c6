internal import Crypto
import FoundationEssentials

/// The key that an operator's program makes for one code and keeps: whoever reads the database cannot try the codes that
/// there are without it, and it alone says nothing of the code. It prints as `<key>`.
public struct CallerKey: Equatable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]
    /// The half that is sent along.
    package let publicKey: [UInt8]

    /// A new key.
    public init() {
        let key = Curve25519.KeyAgreement.PrivateKey()
        bytes = Array(key.rawRepresentation)
        publicKey = Array(key.publicKey.rawRepresentation)
    }

    /// What shows that somebody knows the code whose sender has this key; nil where that is none.
    package func proof(of code: String, senderKey: [UInt8]) -> [UInt8]? {
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes) else { return nil }
        return CallerCode.proof(of: code, key, senderKey)
    }

    /// Always `<key>`.
    public var description: String { "<key>" }
}

/// Six digits that go to somebody by mail, and that they read back to the operator who asked for them.
public struct CallerCode: Equatable, Sendable, CustomStringConvertible {
    /// The digits: for the mail, and for nothing that is kept.
    public let digits: String
    /// Half of the key that was made for it.
    package let publicKey: [UInt8]
    /// SHA-256 of what the operator's program makes of the code.
    package let proofHash: [UInt8]

    /// A new code for whoever has the other half of a key; nil where that is none.
    package init?(for askerKey: [UInt8]) {
        var generator = SystemRandomNumberGenerator()
        let number = String(Int.random(in: 0..<1_000_000, using: &generator))
        digits = String(repeating: "0", count: 6 - number.count) + number
        let key = Curve25519.KeyAgreement.PrivateKey()
        publicKey = Array(key.publicKey.rawRepresentation)
        guard let proof = Self.proof(of: digits, key, askerKey) else { return nil }
        proofHash = Array(SHA256.hash(data: proof))
    }

    /// The digits as they are read out, in two groups.
    public var readable: String { digits.prefix(3) + " " + digits.suffix(3) }

    /// The six digits of what somebody typed, without blanks and hyphens; nil where it is no code.
    public static func digits(of text: String) -> String? {
        let digits = text.filter { !$0.isWhitespace && $0 != "-" }
        return digits.utf8.count == 6 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? digits : nil
    }

    /// Always `<code>`.
    public var description: String { "<code>" }

    fileprivate static func proof(
        of code: String, _ own: Curve25519.KeyAgreement.PrivateKey, _ other: [UInt8]
    ) -> [UInt8]? {
        guard let other = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: other),
            let shared = try? own.sharedSecretFromKeyAgreement(with: other)
        else { return nil }
        let key = shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: [UInt8](), sharedInfo: Array("convonet-admin caller code".utf8),
            outputByteCount: 32)
        return Array(HMAC<SHA256>.authenticationCode(for: Array(code.utf8), using: key))
    }
}
