import ConvonetCore
import OperatingSystem

/// A head of the log that was kept elsewhere: event number and hash, and where the two come from.
public struct AuditAnchor: Equatable, Hashable, Sendable {
    /// What kind of place it was kept in.
    public enum Origin: Equatable, Hashable, Sendable {
        /// A statement made to be signed.
        case checkpoint
        /// A line of the system's log, which anybody may have written: it can accuse, never clear.
        case journal
    }

    /// The event's number; 0 for an empty log.
    public var sequence: Int
    /// The event's hash.
    public var hash: AuditHash
    /// Where it was kept.
    public var origin: Origin

    /// An anchor.
    public init(sequence: Int, hash: AuditHash, origin: Origin) {
        self.sequence = sequence
        self.hash = hash
        self.origin = origin
    }
}

/// A SHA-256 hash, held without memory of its own: a journal can name a million.
public struct AuditHash: Equatable, Hashable, Sendable {
    private let value: SIMD32<UInt8>

    /// What stands before the first event.
    public static let zero = AuditHash(SIMD32(repeating: 0))

    private init(_ value: SIMD32<UInt8>) { self.value = value }

    /// A hash from its 32 bytes; nil for another number of them.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        value = SIMD32(bytes)
    }

    /// Reads 64 lower-case hexadecimal digits; nil for anything else.
    public init?(hexadecimal text: some StringProtocol) {
        var bytes = SIMD32<UInt8>()
        var count = 0
        for digit in text.utf8 {
            let nibble: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            guard count < 64 else { return nil }
            bytes[count / 2] = bytes[count / 2] << 4 | nibble
            count += 1
        }
        guard count == 64 else { return nil }
        value = bytes
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { (0..<32).map { value[$0] } }
    /// 64 lower-case hexadecimal digits.
    public var hexadecimal: String { bytes.hexadecimal }
}
