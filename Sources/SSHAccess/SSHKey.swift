internal import ConvonetCore
internal import Crypto
internal import FoundationEssentials
internal import OperatingSystem

/// Public keys and certificates as SSH writes them (RFC 4253, section 6.6, and OpenSSH's PROTOCOL.certkeys).
enum SSHKey {
    /// What a key's type and its blob in base64 say; nil where they are malformed.
    static func signIn(type: String, base64: String) -> SSHSignIn? {
        guard let data = Data(base64Encoded: base64) else { return nil }
        let blob = [UInt8](data)
        var reader = Reader(rest: blob[...])
        guard let named = reader.text(), named == type else { return nil }
        guard let suffix = type.firstRange(of: "-cert-v01@openssh.com") else {
            return .key(fingerprint: fingerprint(blob))
        }
        let certified = String(type[..<suffix.lowerBound])
        let plain = certified.hasPrefix("sk-") ? certified + "@openssh.com" : certified
        return certificate(of: plain, &reader).map(SSHSignIn.certificate)
    }

    /// `SHA256:` and the hash in base64 without padding, as ssh-keygen -l shows it.
    private static func fingerprint(_ blob: [UInt8]) -> String {
        "SHA256:" + Base64.encoded(SHA256.hash(data: blob)).replacing("=", with: "")
    }

    /// What stands behind the type: a nonce, the key's own fields, and what the authority says of it.
    private static func certificate(of type: String, _ reader: inout Reader) -> SSHCertificate? {
        guard let count = fields[type], reader.field() != nil else { return nil }
        var key = Reader.encoded(Array(type.utf8))
        for _ in 0..<count {
            guard let field = reader.field() else { return nil }
            key += Reader.encoded(field)
        }
        guard let serial = reader.number(8), reader.number(4) != nil, let id = reader.field() else { return nil }
        // Principals, from when and until when, critical options, extensions, reserved.
        guard reader.field() != nil, reader.number(8) != nil, reader.number(8) != nil, reader.field() != nil,
            reader.field() != nil, reader.field() != nil, let authority = reader.field()
        else { return nil }
        return SSHCertificate(
            fingerprint: fingerprint(key), authority: fingerprint(Array(authority)), serial: String(serial),
            id: AuditLine.escaped(String(decoding: id, as: UTF8.self)))
    }

    /// How many fields a key of each type has.
    private static let fields = [
        "ssh-rsa": 2, "ssh-dss": 4, "ssh-ed25519": 1, "ecdsa-sha2-nistp256": 2, "ecdsa-sha2-nistp384": 2,
        "ecdsa-sha2-nistp521": 2, "sk-ssh-ed25519@openssh.com": 2, "sk-ecdsa-sha2-nistp256@openssh.com": 3,
    ]

    /// Reads what has its length in front (RFC 4251, section 5).
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func number(_ bytes: Int) -> UInt64? {
            guard rest.count >= bytes else { return nil }
            defer { rest = rest.dropFirst(bytes) }
            return rest.prefix(bytes).reduce(0) { $0 << 8 | UInt64($1) }
        }

        mutating func field() -> ArraySlice<UInt8>? {
            guard let length = number(4), length <= UInt64(rest.count) else { return nil }
            defer { rest = rest.dropFirst(Int(length)) }
            return rest.prefix(Int(length))
        }

        mutating func text() -> String? { field().map { String(decoding: $0, as: UTF8.self) } }

        static func encoded(_ field: some Collection<UInt8>) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: field.count >> (24 - 8 * $0)) } + field
        }
    }
}
