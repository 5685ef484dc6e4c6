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
        // In one piece: a hasher that is fed field by field spends its time on being called.
        var fields = HashedFields()
        fields.add(number: format)
        fields.add(number: sequence)
        fields.add(id: eventID)
        fields.add(id: requestID)
        fields.add(number: Int(occurredAt.microseconds))
        for text in [actorKind, action, outcome, rule] { fields.add(text) }
        fields.add(id: accountID)
        for text in [accountEmail, accountUsername, operatorName, dbUser] { fields.add(text) }
        fields.add(number: uid)
        fields.add(number: loginUID)
        for text in [host, tty, sshOrigin, clientAddress, reason, ticket, verifiedBy, application, detail] {
            fields.add(text)
        }
        fields.add(hexadecimalOf: previousHash)
        return Array(SHA256.hash(data: fields.bytes))
    }
}

/// The bytes that an event's hash is made of.
private struct HashedFields {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1024) }

    mutating func add(_ text: String?) {
        guard var text else { return addLength(-1) }
        text.withUTF8 { utf8 in
            addLength(Int32(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func add(id: UUID?) {
        guard let id else { return addLength(-1) }
        addLength(36)
        withUnsafeBytes(of: id.uuid) { all in
            for (index, group) in [all[0..<4], all[4..<6], all[6..<8], all[8..<10], all[10..<16]].enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: "-")) }
                bytes.append(hexadecimalOf: group)
            }
        }
    }

    mutating func add(hexadecimalOf hash: [UInt8]) {
        addLength(Int32(hash.count * 2))
        bytes.append(hexadecimalOf: hash)
    }

    mutating func add(number: Int?) { add(number.map { String($0) }) }

    private mutating func addLength(_ length: Int32) {
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
