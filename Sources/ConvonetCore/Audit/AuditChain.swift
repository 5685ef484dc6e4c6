internal import Crypto
import FoundationEssentials
import OperatingSystem
package import PostgresClient

extension AuditEvent {
    /// The hash that this event must have.
    ///
    /// SHA-256 over its fields in the order of the columns, without the hash itself. Each field is its text in UTF-8
    /// behind its length in four bytes, most significant first; a NULL is the length −1 alone. Numbers are decimal,
    /// ids in lower case, the time in microseconds since 1970-01-01 UTC, the previous hash in lower-case hex.
    public var computedHash: [UInt8] {
        var fields = HashedFields()
        return computedHash(using: &fields)
    }

    /// The same, with memory that hashing other events left.
    fileprivate func computedHash(using fields: inout HashedFields) -> [UInt8] {
        // In one piece: a hasher that is fed field by field spends its time on being called.
        fields.removeAll()
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
        return SHA256.hash(data: fields.bytes).withUnsafeBytes { Array($0) }
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
    public convenience init(_ event: AuditEvent) {
        var fields = HashedFields()
        self.init(event, using: &fields)
    }

    private init(_ event: AuditEvent, using fields: inout HashedFields) {
        // In this order the event is moved and not copied.
        computedHash = event.computedHash(using: &fields)
        self.event = event
    }

    /// Computes the hashes of many: they share the memory that it takes.
    package static func all(of rows: QueryResult) throws -> [HashedEvent] {
        var fields = HashedFields()
        return try rows.map { HashedEvent(try AuditEvent($0), using: &fields) }
    }
}

/// The bytes that an event's hash is made of.
private struct HashedFields {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1024) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func add(_ text: String?) {
        guard let text else { return addLength(-1) }
        addLength(Int32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(id: UUID?) {
        guard let id else { return addLength(-1) }
        addLength(36)
        withUnsafeBytes(of: id.uuid) { all in
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 { bytes.append(UInt8(ascii: "-")) }
                bytes.append(hexadecimalOf: all[index])
            }
        }
    }

    mutating func add(hexadecimalOf hash: [UInt8]) {
        addLength(Int32(hash.count * 2))
        for byte in hash { bytes.append(hexadecimalOf: byte) }
    }

    /// Digit by digit: as a String, a time is just too long to need no memory of its own.
    mutating func add(number: Int?) {
        guard let number else { return addLength(-1) }
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "-"))
        var start = digits.count
        var rest = number.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 { start -= 1 }
        addLength(Int32(digits.count - start))
        for place in start..<digits.count { bytes.append(digits[place]) }
    }

    private mutating func addLength(_ length: Int32) {
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
