/// The scripts that are written letter by letter: only there can a letter be missing, swapped or another one.
struct Alphabet: Sendable {
    /// The letters that belong to it, in lower case and without accents.
    let letters: [ClosedRange<UInt32>]
    /// Those of them that are tried where one is missing or another.
    let usual: [Unicode.Scalar]

    private init(_ letters: [ClosedRange<UInt32>], usual: [ClosedRange<UInt32>]) {
        self.letters = letters
        self.usual = usual.joined().compactMap { Unicode.Scalar($0) }
    }

    private static let all = [
        // Latin
        Alphabet([0x61...0x7A, 0xDF...0x24F, 0x1E00...0x1EFF], usual: [0x61...0x7A]),
        // Greek
        Alphabet([0x3B1...0x3C9], usual: [0x3B1...0x3C1, 0x3C3...0x3C9]),
        // Cyrillic: й and ё have lost their marks, and Ukrainian, Belarusian and Serbian have letters of their own.
        Alphabet([0x430...0x52F], usual: [0x430...0x44F, 0x454...0x45B, 0x45F...0x45F]),
        // Armenian
        Alphabet([0x561...0x587], usual: [0x561...0x586]),
        // Hebrew
        Alphabet([0x5D0...0x5EA], usual: [0x5D0...0x5EA]),
        // Arabic, with the letters of Persian and Urdu
        Alphabet([0x621...0x64A, 0x671...0x6D3], usual: [0x621...0x63A, 0x641...0x64A, 0x67E...0x67E, 0x6A9...0x6AF]),
        // Georgian
        Alphabet([0x10D0...0x10FA], usual: [0x10D0...0x10F0]),
    ]

    /// The alphabet of a letter; nil for digits, signs, and scripts that are not written letter by letter.
    static func of(_ scalar: Unicode.Scalar) -> Alphabet? {
        all.first { $0.letters.contains { $0.contains(scalar.value) } }
    }
}
