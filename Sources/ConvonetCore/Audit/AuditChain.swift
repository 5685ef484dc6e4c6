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

/// Walks along the log and finds the first place where it does not hold together.
public struct AuditChainVerifier: Sendable {
    /// How many events were walked along.
    public private(set) var count = 0
    /// The first thing that is wrong, if any.
    public private(set) var problem: AuditProblem?
    private var lastHash = [UInt8](repeating: 0, count: 32)

    /// A verifier at the beginning of the log.
    public init() {}

    /// Takes the next event; they must come in the order of their sequence numbers.
    public mutating func take(_ event: AuditEvent) {
        guard problem == nil else { return }
        count += 1
        if event.sequence != count {
            problem = AuditProblem(sequence: count, kind: .missing)
        } else if event.previousHash != lastHash {
            problem = AuditProblem(sequence: count, kind: .linkBroken)
        } else if event.format != 1 || event.computedHash != event.hash {
            problem = AuditProblem(sequence: count, kind: .edited)
        }
        lastHash = event.hash
    }

    /// Compares the end of the log with the head.
    public mutating func finish(headSequence: Int, headHash: [UInt8]) {
        guard problem == nil else { return }
        if headSequence > count {
            problem = AuditProblem(sequence: count + 1, kind: .cutOff)
        } else if headSequence < count || headHash != lastHash {
            problem = AuditProblem(sequence: min(headSequence, count), kind: .headWrong)
        }
    }
}

/// What is wrong with the log, and where first.
public struct AuditProblem: Equatable, Sendable {
    /// What it means.
    public enum Kind: String, Equatable, Sendable {
        /// An event of this number is not there.
        case missing
        /// The event does not follow from the one before it.
        case linkBroken
        /// The event's fields do not give its hash.
        case edited
        /// The events from this number on were cut off.
        case cutOff
        /// The head does not point at the last event.
        case headWrong
    }

    /// The first bad sequence number.
    public var sequence: Int
    /// What is wrong there.
    public var kind: Kind

    /// The problem in words.
    public var text: String {
        switch kind {
        case .missing: "event \(sequence) is missing: it was deleted, or events were renumbered"
        case .linkBroken: "event \(sequence) does not follow from the one before it: one of the two was replaced"
        case .edited: "event \(sequence) was edited after it was written"
        case .cutOff: "the log ends before event \(sequence): its end was cut off"
        case .headWrong:
            "the head of the log does not fit its last event: events were added past our functions, or the head was set"
        }
    }
}

extension [UInt8] {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
