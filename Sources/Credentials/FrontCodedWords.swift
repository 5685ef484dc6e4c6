/// Words sorted by byte, each written as a capital letter for the bytes it shares with the word before, and the rest.
///
/// `A` says that none is shared, `B` one, and so on. The words have no capitals themselves; line feeds only part lines.
struct FrontCodedWords {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether a word satisfies the predicate; words come in order, and the array is reused for the next.
    func contains(where predicate: ([UInt8]) -> Bool) -> Bool {
        var word: [UInt8] = []
        word.reserveCapacity(64)
        for byte in bytes {
            switch byte {
            case 0x0A: continue
            case 0x41...0x5A:
                if !word.isEmpty, predicate(word) { return true }
                word.removeLast(max(0, word.count - Int(byte - 0x41)))
            default: word.append(byte)
            }
        }
        return !word.isEmpty && predicate(word)
    }
}
