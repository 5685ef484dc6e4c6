/// Pasted bytes on their way in, up to the terminal's sign that the paste is over.
struct Paste {
    let limit: Int
    var isDropped: Bool
    private var content: [UInt8] = []
    private var matched = 0

    private static let end = Array("\u{1B}[201~".utf8)

    init(limit: Int, isDropped: Bool) {
        self.limit = limit
        self.isDropped = isDropped
    }

    /// What came so far, its line ends as "\n"; bytes that are not UTF-8 are U+FFFD.
    var text: String {
        var lines: [UInt8] = []
        lines.reserveCapacity(content.count)
        var previous: UInt8 = 0
        for byte in content {
            if byte == 0x0D {
                lines.append(0x0A)
            } else if !(byte == 0x0A && previous == 0x0D) {
                lines.append(byte)
            }
            previous = byte
        }
        return String(decoding: lines, as: UTF8.self)
    }

    /// Takes a byte; true when it was the last of the sign.
    mutating func take(_ byte: UInt8) -> Bool {
        if byte == Self.end[matched] {
            matched += 1
            return matched == Self.end.count
        }
        for index in 0..<matched { keep(Self.end[index]) }
        // The sign has its first byte only once, so what did not match can begin no other than here.
        matched = byte == Self.end[0] ? 1 : 0
        if matched == 0 { keep(byte) }
        return false
    }

    private mutating func keep(_ byte: UInt8) {
        if content.count < limit { content.append(byte) }
    }
}
