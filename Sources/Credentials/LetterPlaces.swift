/// Where in a text of at most 128 bytes each letter may stand, in memory that is wiped like a password's own.
///
/// What is no letter may stand for any of those that people write with digits and signs (`p4ssw0rd`), as zxcvbn reads them.
struct LetterPlaces: ~Copyable {
    private let memory: SecretMemory

    private static let letters = 26
    /// The letters that zxcvbn knows substitutes of.
    private static let substituted = Array("abcegilostxz".utf8).map { Int($0 - 0x61) }

    init(_ text: UnsafeRawBufferPointer) {
        memory = SecretMemory(capacity: Self.letters * MemoryLayout<UInt128>.size)
        for (place, byte) in text.prefix(UInt128.bitWidth).enumerated() {
            switch byte {
            case 0x61...0x7A: mark(Int(byte - 0x61), at: place)
            case 0x41...0x5A: mark(Int(byte - 0x41), at: place)
            default: for letter in Self.substituted { mark(letter, at: place) }
            }
        }
    }

    private func mark(_ letter: Int, at place: Int) {
        let offset = letter * MemoryLayout<UInt128>.size
        let places = memory.start.load(fromByteOffset: offset, as: UInt128.self) | (UInt128(1) << UInt128(place))
        memory.start.storeBytes(of: places, toByteOffset: offset, as: UInt128.self)
    }

    /// Whether a word of ASCII letters could be found somewhere; all places are tried at once.
    borrowing func mayHold(_ word: [UInt32]) -> Bool {
        var places = UInt128.max
        for (index, scalar) in word.enumerated() {
            // zxcvbn reads bytes, and another scalar is none.
            guard (0x61...0x7A).contains(scalar), index < UInt128.bitWidth else { return false }
            let offset = Int(scalar - 0x61) * MemoryLayout<UInt128>.size
            places &= memory.start.load(fromByteOffset: offset, as: UInt128.self) >> UInt128(index)
            if places == 0 { return false }
        }
        return true
    }
}
