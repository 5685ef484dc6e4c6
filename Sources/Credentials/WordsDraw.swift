/// Draws passwords such as `kettle-orbit-amaze-canyon-lettuce`.
///
/// Five words of 2048, each as probable, have 5 · 11 = 55 bits; more words follow where the policy asks for more characters
/// than they have. If it asks for a capital letter, the first one is; if for a digit, one follows after a last dash; the
/// dash is a symbol. Without those all letters are small, and nobody has to say which are not.
struct WordsDraw {
    /// Words at least.
    static let count = 5

    private let policy: PasswordPolicy

    init(_ policy: PasswordPolicy) { self.policy = policy }

    /// nil where all words are one and the same, as a source that is broken would have it.
    func draw<Generator: RandomNumberGenerator>(using generator: inout Generator) -> Secret? {
        let tail = policy.requiresDigit ? 2 : 0
        // Below what is asked for there is room for a dash and a word more.
        let most = max(Self.count * (DictationWords.longest + 1), policy.minimumLength + DictationWords.longest + 1)
        let memory = SecretMemory(capacity: most + tail)
        let start = memory.start
        var (words, end) = (0, 0)
        var (last, differ) = (-1, false)
        func add(_ byte: UInt8) {
            start.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
            end += 1
        }
        while words < Self.count || end + tail < policy.minimumLength {
            if words > 0 { add(0x2D) }
            let number = Int.random(in: DictationWords.all.indices, using: &generator)
            for byte in DictationWords.all[number] { add(end == 0 && policy.requiresUppercase ? byte - 0x20 : byte) }
            differ = differ || (words > 0 && number != last)
            (words, last) = (words + 1, number)
        }
        if tail > 0 {
            add(0x2D)
            add(LettersDraw.digits[Int.random(in: LettersDraw.digits.indices, using: &generator)])
        }
        return differ ? Secret(memory: memory, byteCount: end) : nil
    }
}
