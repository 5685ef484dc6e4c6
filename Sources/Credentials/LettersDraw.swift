/// Draws passwords such as `Kmwp-7d4x-9rtv-h3kc`.
///
/// Groups of four with dashes between; the first character is an upper-case letter, and at least one digit and one
/// lower-case letter follow, so that policies that ask for either are met; the dash is a symbol.
///
/// The alphabet is 15 letters and 5 digits. Left out is what is taken for something else when read or heard: 0 O o, 1 l I i,
/// 5 S s, 2 Z z, 8 B b, G g Q q, and U u; and all vowels, so that no group spells a word. 6, 9 and v stay: what they are
/// taken for (b, g or q, u) is out.
///
/// Four groups have log2(15 · (20^15 − 15^15 − 5^15)) = 68.7 bits, and each is equally probable.
struct LettersDraw {
    /// The letters; the first character is one of them in upper case.
    static let letters = Array("cdfhjkmnprtvwxy".utf8)

    /// The digits.
    static let digits = Array("34679".utf8)

    private let groups: Int

    init(_ policy: PasswordPolicy) { groups = max(4, (policy.minimumLength + 5) / 5) }

    /// 19 characters, or more where the policy asks for more; nil where it has not both letters and digits.
    func draw<Generator: RandomNumberGenerator>(using generator: inout Generator) -> Secret? {
        let memory = SecretMemory(capacity: groups * 5)
        let alphabet = Self.letters + Self.digits
        for index in 0..<(groups * 5 - 1) {
            let character: UInt8
            if index == 0 {
                character = Self.letters[Int.random(in: Self.letters.indices, using: &generator)] - 0x20
            } else if index % 5 == 4 {
                character = 0x2D
            } else {
                character = alphabet[Int.random(in: alphabet.indices, using: &generator)]
            }
            memory.start.storeBytes(of: character, toByteOffset: index, as: UInt8.self)
        }
        let secret = Secret(memory: memory, byteCount: groups * 5 - 1)
        let content = PasswordContent(secret)
        return content.hasDigit && content.hasLowercase ? secret : nil
    }
}
