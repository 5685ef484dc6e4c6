import OperatingSystem

/// A filter made from such a list by script/make-breach-filter: at most one in a million other passwords is taken for a leaked
/// one, and none the other way round.
///
/// A hash is known by its first bits. By `bucketBits` of them it lies in a bucket, and of each there the next 24 bits are kept,
/// in order. With n hashes, `bucketBits` is such that n is at most 2^(bucketBits + 24) / 10^6.
///
/// The file: the magic line, bucketBits and three zeros, the number of hashes (8 bytes), where each bucket begins and the last
/// one ends, counted in hashes (4 bytes each), then 3 bytes for each hash. Numbers are little-endian, but for these 3 bytes.
struct BreachFilter {
    /// 28 bytes.
    static let magic = Array("convonet-admin breach filter".utf8)
    private static let headerSize = 40
    private let bucketBits: UInt64
    private let count: Int

    /// Reads the header; nil where the file is no filter.
    init?(_ file: borrowing ReadableFile, size: Int) throws(BreachedListProblem) {
        let header = try Self.read(file, at: 0, count: Self.headerSize)
        guard header.starts(with: Self.magic) else { return nil }
        guard header.count == Self.headerSize, header[29...31] == [0, 0, 0], (0...31).contains(header[28]) else {
            throw .damaged
        }
        bucketBits = UInt64(header[28])
        let number = Self.number(header[32..<40])
        guard number <= UInt64(UInt32.max) else { throw .damaged }
        count = Int(number)
        guard size == Self.headerSize + (1 << bucketBits + 1) * 4 + count * 3 else { throw .damaged }
        let ends = Self.headerSize + (1 << bucketBits) * 4
        let (first, last) = (
            try Self.read(file, at: Self.headerSize, count: 4), try Self.read(file, at: ends, count: 4)
        )
        guard Self.number(first[...]) == 0, Self.number(last[...]) == number else { throw .damaged }
    }

    /// Whether a hash is in the list, or one of the few that are not told apart from one.
    func contains(_ hash: BreachedHash, in file: borrowing ReadableFile) throws(BreachedListProblem) -> Bool {
        let bucket = Int(bucketBits == 0 ? 0 : hash.prefix >> (64 - bucketBits))
        let rest = (hash.prefix << bucketBits) >> 40
        let ends = try Self.read(file, at: Self.headerSize + bucket * 4, count: 8)
        guard ends.count == 8 else { throw .damaged }
        let (start, end) = (Int(Self.number(ends[..<4])), Int(Self.number(ends[4...])))
        // Buckets of chance have some 16; one with thousands was made by somebody.
        guard start <= end, end <= count, end - start <= 4096 else { throw .damaged }
        let entries = try Self.read(
            file, at: Self.headerSize + (1 << bucketBits + 1) * 4 + start * 3, count: (end - start) * 3)
        guard entries.count == (end - start) * 3 else { throw .damaged }
        return stride(from: 0, to: entries.count, by: 3).contains { at in
            entries[at..<at + 3].reduce(0) { $0 << 8 | UInt64($1) } == rest
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func read(
        _ file: borrowing ReadableFile, at position: Int, count: Int
    ) throws(BreachedListProblem) -> [UInt8] {
        do { return try file.bytes(at: position, count: count) } catch { throw .unreadable(error) }
    }
}
