/// Base64 with padding (RFC 4648, section 4), which OSC 52 wants.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= 0xFF
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        while !text.utf8.count.isMultiple(of: 4) { text.append("=") }
        return text
    }
}
