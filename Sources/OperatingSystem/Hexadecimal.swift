public import FoundationEssentials

extension UInt8 {
    /// Of a number below 16, as ASCII in lower case. Worked out, since a table that is a global is asked for each time.
    @inlinable package var hexadecimalDigit: UInt8 { self + (self < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
}

extension [UInt8] {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: count * 2) { text in
            for (index, byte) in enumerated() {
                text[index * 2] = (byte >> 4).hexadecimalDigit
                text[index * 2 + 1] = (byte & 15).hexadecimalDigit
            }
            return count * 2
        }
    }
}

extension [UInt8] {
    /// Appends two lower-case digits.
    @inlinable package mutating func append(hexadecimalOf byte: UInt8) {
        append((byte >> 4).hexadecimalDigit)
        append((byte & 15).hexadecimalDigit)
    }
}

extension UUID {
    /// The id as PostgreSQL writes it.
    public var lowercaseText: String {
        withUnsafeBytes(of: uuid) { bytes in
            String(unsafeUninitializedCapacity: 36) { text in
                var place = 0
                for (index, byte) in bytes.enumerated() {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        text[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    text[place] = (byte >> 4).hexadecimalDigit
                    text[place + 1] = (byte & 15).hexadecimalDigit
                    place += 2
                }
                return place
            }
        }
    }
}
