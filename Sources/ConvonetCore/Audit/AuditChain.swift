internal import Crypto
import FoundationEssentials
import PostgresClient

extension AuditEvent {
    /// The hash that this event must have.
    ///
    /// SHA-256 over its fields in the order of the columns, without the hash itself. Each field is its text in UTF-8
    /// behind its length in four bytes, most significant first; a NULL is the length −1 alone. Numbers are decimal,
    /// ids in lower case, the time in microseconds since 1970-01-01 UTC, the previous hash in lower-case hex.
    public var computedHash: [UInt8] {
        var hasher = SHA256()
        for field in hashedFields {
            let length = Int32(field.map { $0.utf8.count } ?? -1)
            withUnsafeBytes(of: length.bigEndian) { hasher.update(bufferPointer: $0) }
            if var field { field.withUTF8 { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) } }
        }
        return Array(hasher.finalize())
    }

    private var hashedFields: [String?] {
        [
            String(format), String(sequence), eventID.uuidString.lowercased(), requestID?.uuidString.lowercased(),
            String(occurredAt.microseconds), actorKind, action, outcome, rule,
            accountID?.uuidString.lowercased(), accountEmail, accountUsername,
            operatorName, dbUser, uid.map { String($0) }, loginUID.map { String($0) }, host, tty, sshOrigin,
            clientAddress, reason, ticket, verifiedBy, application, detail, previousHash.hexadecimal,
        ]
    }
}

extension [UInt8] {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
