internal import Crypto

/// The SHA-1 of a password: by these, lists of leaked passwords name them.
package struct BreachedHash: Equatable, Comparable {
    /// 20 bytes.
    package let bytes: [UInt8]

    /// Of the password's bytes as they are hashed for sign-in; no copy of them is made.
    package init(of password: Secret) {
        var hash = Insecure.SHA1()
        password.withBytes { bytes in
            bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        bytes = Array(hash.finalize())
    }

    /// Reads 40 hexadecimal digits; nil for anything else.
    init?(digits: ArraySlice<UInt8>) {
        guard digits.count == 40 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        var high: UInt8?
        for digit in digits {
            guard let value = Self.value(digit) else { return nil }
            if let half = high {
                bytes.append(half << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.bytes = bytes
    }

    /// Whether all are hexadecimal digits.
    static func areDigits(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { value($0) != nil } }

    /// The first 64 bits.
    var prefix: UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    package static func < (one: BreachedHash, other: BreachedHash) -> Bool {
        one.bytes.lexicographicallyPrecedes(other.bytes)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
