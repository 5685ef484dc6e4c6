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
        fields.add(actorKind)
        fields.add(action)
        fields.add(outcome)
        fields.add(rule)
        fields.add(id: accountID)
        fields.add(accountEmail)
        fields.add(accountUsername)
        fields.add(operatorName)
        fields.add(dbUser)
        fields.add(number: uid)
        fields.add(number: loginUID)
        fields.add(host)
        fields.add(tty)
        fields.add(sshOrigin)
        fields.add(clientAddress)
        fields.add(reason)
        fields.add(ticket)
        fields.add(verifiedBy)
        fields.add(application)
        fields.add(detail)
        fields.add(hexadecimalOf: previousHash)
        return Array(SHA256.hash(data: fields.bytes))
    }
}

/// An event and the hash that it must have: to work that out needs no other event, and can be done beside them.
///
/// A class, since a copy of so many fields costs as much as their hash.
public final class HashedEvent: Sendable {
    /// The event.
    public let event: AuditEvent
    /// The hash that its fields give.
    public let computedHash: [UInt8]

    /// Computes the hash.
    public init(_ event: AuditEvent) {
        self.event = event
        computedHash = event.computedHash
    }
}

/// The bytes that an event's hash is made of.
private struct HashedFields {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1024) }

    mutating func add(_ text: String?) {
        guard let text else { return addLength(-1) }
        addLength(Int32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(id: UUID?) {
        guard let id else { return addLength(-1) }
        addLength(36)
        withUnsafeBytes(of: id.uuid) { all in
            for (index, byte) in all.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 { bytes.append(UInt8(ascii: "-")) }
                bytes.append(hexadecimalOf: CollectionOfOne(byte))
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
