import OperatingSystem

/// A code that is read out to somebody, and by which they set a password: eight characters of the alphabet of generated passwords,
/// in two groups (`k7mw-4dxt`). Each of 20^8 is equally probable: 34.6 bits.
public enum ResetCode {
    /// How many characters count.
    public static let characterCount = 8
    private static let alphabet = LettersDraw.letters + LettersDraw.digits

    /// A code from the system's generator.
    public static func generate() -> Secret {
        var system = SystemRandomNumberGenerator()
        return generate(using: &system)
    }

    static func generate<Generator: RandomNumberGenerator>(using generator: inout Generator) -> Secret {
        secret((0..<characterCount).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }

    /// The characters that it has, as they are told to people.
    public static let characters = alphabet.map { String(UnicodeScalar($0)) }.joined(separator: " ")

    /// Whether somebody typed a character that no code has, beside blanks and hyphens.
    public static func hasForeignCharacter(_ text: String) -> Bool {
        text.lowercased().utf8.contains { $0 != 0x20 && $0 != 0x2D && !alphabet.contains($0) }
    }

    /// The code that somebody typed, in either case and with whatever blanks and hyphens; nil where it cannot be one.
    public static func parse(_ text: String) -> Secret? {
        let characters = text.utf8.filter { $0 != 0x20 && $0 != 0x2D }.map {
            (0x41...0x5A).contains($0) ? $0 + 0x20 : $0
        }
        guard characters.count == characterCount, characters.allSatisfy(alphabet.contains) else { return nil }
        return secret(characters)
    }

    /// As it is read out, and hashed.
    private static func secret(_ characters: [UInt8]) -> Secret {
        Secret(utf8: Array(characters.prefix(4)) + [0x2D] + characters.suffix(4))
    }
}
