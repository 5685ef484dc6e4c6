/// An answer or a message of the terminal (ESC ] and the like), which ends with BEL or ESC \ and is nobody's key.
struct StringSequence {
    var isOpen = false
    private(set) var hasContent = false
    private var sawEscape = false

    /// Takes a byte; true when the message is over.
    mutating func take(_ byte: UInt8) -> Bool {
        defer { sawEscape = byte == 0x1B }
        hasContent = true
        return byte == 0x07 || byte == 0x18 || byte == 0x1A || (sawEscape && byte == UInt8(ascii: "\\"))
    }
}
