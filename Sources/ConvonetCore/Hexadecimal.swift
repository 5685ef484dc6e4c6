public import FoundationEssentials

private let digits = Array<UInt8>("0123456789abcdef".utf8)

extension [UInt8] {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: count * 2) { text in
            for (index, byte) in enumerated() {
                text[index * 2] = digits[Int(byte >> 4)]
                text[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return count * 2
        }
    }
}

extension [UInt8] {
    /// Appends two lower-case digits for each byte.
    mutating func append(hexadecimalOf bytes: some Sequence<UInt8>) {
        for byte in bytes {
            append(digits[Int(byte >> 4)])
            append(digits[Int(byte & 15)])
        }
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
                    text[place] = digits[Int(byte >> 4)]
                    text[place + 1] = digits[Int(byte & 15)]
                    place += 2
                }
                return place
            }
        }
    }
}
