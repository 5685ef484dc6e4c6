internal import CZxcvbn
internal import Glibc

/// How many guesses a password is good for, by zxcvbn, and what most of it looks like.
///
/// zxcvbn knows single bytes alone, so it takes other scripts for random: it gives `парольпароль` 80 bits. Text that is
/// not ASCII is therefore rated in up to three spellings, of which the lowest counts:
/// - the bytes as they are;
/// - one ASCII letter for each scalar: Latin without its accents, all else by the scalar's value modulo 26, so that
///   repeats stay repeats, neighbours in an alphabet stay neighbours, and no letter counts for more than a Latin one;
/// - Cyrillic as the keys that type it on a Latin keyboard, for `йцукен` is `qwerty` and `пароль` the well-known `gfhjkm`.
///
/// In the last two, text that is one part again and again is rated as the part, with the repeats as a further log2; a part
/// that is one of the commonest passwords has the bits of its place among them. zxcvbn sees neither.
///
/// Only the first 72 bytes are rated, all that bcrypt sees; it takes under a millisecond.
struct PasswordStrength {
    /// Bits of entropy.
    let bits: Double

    /// What the largest recognised part looks like, such as "a common word"; nil where nothing stands out.
    let likeness: String?

    /// 0 to 4; the bounds are zxcvbn's guesses of 10^3, 10^6, 10^8 and 10^10 in bits.
    var score: Int {
        switch bits {
        case ..<10: 0
        case ..<20: 1
        case ..<26.6: 2
        case ..<33.2: 3
        default: 4
        }
    }

    /// Rates a password; the folded words of its owner and the organisation's count as easily guessed.
    init(_ secret: Secret, words: [[UInt32]], organisation: OrganisationWords = OrganisationWords([])) {
        let spellings: [Spelling] =
            secret.withBytes { bytes in
                bytes.indices.contains { bytes[$0] >= 0x80 }
            } ? [.bytes, .letters, .keys] : [.bytes]
        var lowest: (bits: Double, pattern: czxcvbn_pattern) = (.infinity, CZXCVBN_NOTHING)
        for spelling in spellings {
            let rating = Self.rate(spelling, of: secret, words: words, organisation)
            if rating.bits < lowest.bits { lowest = rating }
        }
        bits = lowest.bits
        likeness = Self.phrase(for: lowest.pattern)
    }

    private enum Spelling { case bytes, letters, keys }

    private static func rate(
        _ spelling: Spelling, of secret: Secret, words: [[UInt32]], _ organisation: OrganisationWords
    ) -> (bits: Double, pattern: czxcvbn_pattern) {
        let limit = BcryptHasher.maximumByteCount
        let memory = SecretMemory(capacity: limit)
        let target = memory.start
        var count = 0
        func put(_ byte: UInt8) {
            guard count < limit else { return }
            target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count += 1
        }
        if spelling == .bytes {
            secret.withBytes { bytes in
                for index in bytes.indices { put(bytes[index]) }
            }
        } else {
            secret.forEachScalar { put(standIn(for: $0, keys: spelling == .keys)) }
        }
        let length = spelling == .bytes ? count : period(of: UnsafeRawBufferPointer(start: target, count: count))
        let repeats = length < count ? log2(Double(count) / Double(length)) : 0
        if spelling != .bytes {
            let part = Secret(utf8: UnsafeRawBufferPointer(start: target, count: length))
            if Blocklist.commonest.contains(part) { return (log2(10_000) + repeats, CZXCVBN_WORD) }
            memset(target + length, 0, count - length)
        }
        var pattern = CZXCVBN_NOTHING
        // zxcvbn compares every word with every place, and rates a word the higher the later it stands in the list.
        let places = LetterPlaces(UnsafeRawBufferPointer(start: target, count: length))
        let bits = withDictionary(of: words + organisation.words(possibleIn: places)) { dictionary in
            czxcvbn_bits(target.assumingMemoryBound(to: CChar.self), dictionary, &pattern)
        }
        // The password's copy lives until here, however early its last use was.
        extendLifetime(memory)
        return (bits + repeats, repeats > 0 ? CZXCVBN_REPEAT : pattern)
    }

    /// The shortest part that, two times or more, makes up the text; the whole length where there is none.
    private static func period(of text: UnsafeRawBufferPointer) -> Int {
        let count = text.count
        guard count >= 2 else { return count }
        for length in 1...(count / 2) where (length..<count).allSatisfy({ text[$0] == text[$0 - length] }) {
            return length
        }
        return count
    }

    private static func standIn(for scalar: Unicode.Scalar, keys: Bool) -> UInt8 {
        if scalar.isASCII { return UInt8(scalar.value) }
        var first: UInt32?
        TextFolding.fold(scalar) { first = first ?? $0 }
        let folded = first ?? 0x60
        if folded < 0x80 { return UInt8(folded) }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars.first?.value ?? folded
        if keys, (0x430...0x44F).contains(lower) { return cyrillicKeys[Int(lower - 0x430)] }
        if keys, lower == 0x451 { return 0x60 }
        return 0x61 + UInt8(folded % 26)
    }

    /// The keys of а to я on a keyboard with both alphabets.
    private static let cyrillicKeys = Array("f,dult;pbqrkvyjghcnea[wxio]sm'.z".utf8)

    private static func withDictionary<Result>(
        of words: [[UInt32]], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var text: [CChar] = []
        var starts: [Int] = []
        for word in words where word.allSatisfy({ $0 < 0x80 }) {
            starts.append(text.count)
            text.append(contentsOf: word.map { CChar($0) })
            text.append(0)
        }
        return text.withUnsafeBufferPointer { characters in
            var pointers: [UnsafePointer<CChar>?] = starts.map { start in characters.baseAddress.map { $0 + start } }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { list in
                // A list that ends in nil is never empty, so it has an address.
                body(list.baseAddress.unsafelyUnwrapped)
            }
        }
    }

    private static func phrase(for pattern: czxcvbn_pattern) -> String? {
        switch pattern {
        case CZXCVBN_WORD: "a common word or name"
        case CZXCVBN_CONTEXT_WORD: "a word from the account"
        case CZXCVBN_REPEAT: "a repetition"
        case CZXCVBN_SEQUENCE: "a sequence such as abcd"
        case CZXCVBN_KEYBOARD: "neighbouring keys"
        case CZXCVBN_DATE: "a date or year"
        default: nil
        }
    }
}
