/// A password's folded scalars, in memory that is wiped like the password's own.
struct FoldedSecret: ~Copyable {
    private let memory: SecretMemory
    private let count: Int
    /// Which letters occur in it.
    let letters: LetterSet

    /// Folds a password of valid UTF-8; other bytes give nothing.
    init(_ secret: Secret) {
        let memory = SecretMemory(capacity: secret.byteCount * TextFolding.greatestExpansion * 4)
        let target = memory.start
        var count = 0
        var letters = LetterSet()
        secret.forEachScalar { scalar in
            TextFolding.fold(scalar) { folded in
                target.storeBytes(of: folded, toByteOffset: count * 4, as: UInt32.self)
                letters.insert(folded)
                count += 1
            }
        }
        self.letters = letters
        self.count = count
        self.memory = memory
    }

    /// Whether the folded word occurs anywhere.
    borrowing func contains(_ word: [UInt32]) -> Bool {
        guard !word.isEmpty, word.count <= count else { return false }
        for start in 0...(count - word.count) {
            var matched = 0
            while matched < word.count, scalar(at: start + matched) == word[matched] { matched += 1 }
            if matched == word.count { return true }
        }
        return false
    }

    private borrowing func scalar(at index: Int) -> UInt32 {
        memory.start.load(fromByteOffset: index * 4, as: UInt32.self)
    }
}

extension Secret {
    /// Visits the code points, where the bytes are valid UTF-8.
    func forEachScalar(_ body: (Unicode.Scalar) -> Void) {
        withBytes { bytes in
            guard let text = try? UTF8Span(validating: bytes) else { return }
            var scalars = text.makeUnicodeScalarIterator()
            while let scalar = scalars.next() { body(scalar) }
        }
    }
}
