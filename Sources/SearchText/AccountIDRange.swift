package import FoundationEssentials

/// All ids that begin with some digits.
package struct AccountIDRange: Equatable {
    /// The least of them.
    package let first: UUID
    /// The greatest of them.
    package let last: UUID

    /// Fewer digits would find people by chance: one in 4,096 by three.
    private static let fewestDigits = 4

    /// Ids that begin with what somebody typed, with or without hyphens; nil where no id does, or too many.
    package init?(beginning text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard (Self.fewestDigits...32).contains(digits.count), digits.allSatisfy(Self.isHexDigit),
            Self.isHyphenatedLikeAnID(text),
            let first = Self.id(digits, filledWith: UInt8(ascii: "0")),
            let last = Self.id(digits, filledWith: UInt8(ascii: "f"))
        else { return nil }
        (self.first, self.last) = (first, last)
    }

    /// Whether somebody may have meant an id: hexadecimal digits, of which some are no letters, and perhaps hyphens.
    package static func resemblesID(_ text: String) -> Bool {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        return digits.count >= 3 && digits.allSatisfy(isHexDigit)
            && digits.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Hyphens, where there are any, stand where an id has them.
    private static func isHyphenatedLikeAnID(_ text: String) -> Bool {
        !text.contains("-") || text.utf8.enumerated().allSatisfy { ($1 == UInt8(ascii: "-")) == hyphens.contains($0) }
    }

    private static let hyphens: Set = [8, 13, 18, 23]

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func id(_ typed: [UInt8], filledWith filler: UInt8) -> UUID? {
        var digits = typed + Array(repeating: filler, count: 32 - typed.count)
        for place in hyphens.sorted() { digits.insert(UInt8(ascii: "-"), at: place) }
        return UUID(uuidString: String(decoding: digits, as: UTF8.self))
    }
}
