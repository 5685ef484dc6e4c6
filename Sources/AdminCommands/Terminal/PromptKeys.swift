/// Bytes of a terminal as what was typed at a prompt: keys of one byte, the bounds of a paste, and sequences of other keys.
///
/// No time is measured: an Escape waits for the byte behind it, and a byte that cannot go on with a sequence is a key again.
struct PromptKeys {
    enum Event: Equatable {
        /// A byte that was typed or pasted.
        case byte(UInt8)
        /// The terminal marks what comes as pasted, as shells leave it switched on.
        case pasteBegins
        /// What was pasted is over.
        case pasteEnds
        /// Another key, such as an arrow, or Escape.
        case otherKey
    }

    /// An Escape and what came behind it so far.
    private var pending: [UInt8] = []

    private static let escape: UInt8 = 0x1B
    private static let longestSequence = 32

    /// Takes a byte, and gives what it ends or is.
    mutating func take(_ byte: UInt8) -> [Event] {
        guard !pending.isEmpty else {
            guard byte == Self.escape else { return [.byte(byte)] }
            pending = [byte]
            return []
        }
        let isIntroducer = pending.count == 1 && (byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O"))
        let isWithin = pending.count > 1 && (0x20..<0x40).contains(byte) && pending.count < Self.longestSequence
        if isIntroducer || isWithin {
            pending.append(byte)
            return []
        }
        if pending.count > 1, (0x40..<0x7F).contains(byte) { return [end(byte)] }
        // No sequence after all: the Escape was a key of its own.
        pending = []
        return [.otherKey] + take(byte)
    }

    private mutating func end(_ final: UInt8) -> Event {
        defer { pending = [] }
        guard final == UInt8(ascii: "~") else { return .otherKey }
        switch String(decoding: pending.dropFirst(), as: UTF8.self) {
        case "[200": return .pasteBegins
        case "[201": return .pasteEnds
        default: return .otherKey
        }
    }
}
