import OperatingSystem

/// A list of leaked passwords as text: a line for each, with the 40 digits of its SHA-1, a colon and how often it was seen, in
/// the order of the hashes. So the downloader of Have I Been Pwned writes it.
///
/// Hashes are spread evenly, so the place of one can be guessed: of 40 GB a few blocks are read.
struct SortedHashes {
    /// Many lines: each has some 45 bytes.
    static let blockSize = 4096

    /// Its bytes.
    let size: Int

    /// Whether the list has the hash.
    func contains(_ hash: BreachedHash, in file: borrowing ReadableFile) throws(BreachedListProblem) -> Bool {
        // Each is where a line begins, or the list's end.
        var (low, high) = (0, size)
        var (least, greatest) = (UInt64.min, UInt64.max)
        var turn = 0
        while high - low > 2 * Self.blockSize {
            turn += 1
            // Halves, now and then: guesses can go wrong for ever where hashes are not spread evenly.
            let share = turn % 4 == 0 ? 0.5 : Double(hash.prefix &- least) / Double(max(greatest &- least, 1))
            let guess = low + Int(Double(high - low) * min(max(share, 0), 1)) - Self.blockSize / 2
            let lines = try lines(of: file, from: min(max(guess, low), high - Self.blockSize), after: low)
            guard let first = lines.first, let last = lines.last, last.start > low else { throw .damaged }
            guard first.hash <= last.hash else { throw .unsorted }
            if hash < first.hash {
                (high, greatest) = (first.start, first.hash.prefix)
            } else if hash > last.hash {
                (low, least) = (last.start, last.hash.prefix)
            } else {
                return lines.contains { $0.hash == hash }
            }
        }
        return try parse(try read(file, at: low, count: high - low), from: low).contains { $0.hash == hash }
    }

    /// The whole lines of a block; `known` is where one begins.
    func lines(
        of file: borrowing ReadableFile, from start: Int, after known: Int
    ) throws(BreachedListProblem) -> [(hash: BreachedHash, start: Int)] {
        let bytes = try read(file, at: start, count: Self.blockSize)
        var whole = bytes[...]
        if start != known { whole = whole.drop { $0 != 0x0A }.dropFirst() }
        if start + bytes.count < size {
            whole = whole[..<(whole.lastIndex(of: 0x0A) ?? whole.startIndex)]
        }
        return try parse(whole, from: start)
    }

    /// `bytes` are indexed from `start` on.
    private func parse(
        _ bytes: ArraySlice<UInt8>, from start: Int
    ) throws(BreachedListProblem) -> [(hash: BreachedHash, start: Int)] {
        var lines: [(hash: BreachedHash, start: Int)] = []
        for line in bytes.split(separator: 0x0A) where line != [0x0D] {
            guard let hash = BreachedHash(digits: line.prefix(40)), line.dropFirst(40).first.map(Self.ends) ?? true
            else {
                let digits = line.prefix { $0 != 0x3A && $0 != 0x0D }
                throw digits.count == 32 && BreachedHash.areDigits(digits) ? .otherHash : .otherForm
            }
            lines.append((hash, start + line.startIndex))
        }
        return lines
    }

    private static func ends(_ byte: UInt8) -> Bool { byte == 0x3A || byte == 0x0D }

    private func read(
        _ file: borrowing ReadableFile, at position: Int, count: Int
    ) throws(BreachedListProblem) -> ArraySlice<UInt8> {
        let bytes: [UInt8]
        do { bytes = try file.bytes(at: position, count: count) } catch { throw .unreadable(error) }
        // Cut short since it was opened: what is not there would be taken for not listed.
        guard bytes.count == min(count, size - position) else { throw .damaged }
        return bytes[...]
    }
}
