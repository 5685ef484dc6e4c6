internal import Crypto
public import OperatingSystem

/// A file of leaked passwords on this machine, opened: the text or the filter. The network is never asked.
///
/// Nothing of it is kept in memory: each look reads a few blocks, of what the system keeps of the file in its cache.
public final class BreachedList: Sendable {
    private enum Form {
        case text(SortedHashes)
        case filter(BreachFilter)
    }

    private let file: ReadableFile
    private let form: Form
    private let state: ReadableFile.State
    /// By what two lists are told apart: 32 hexadecimal digits over the file's length and 64 blocks that are spread over it.
    ///
    /// So it is known within a moment of 40 GB. It tells another list, not one that somebody changed a little to hide that:
    /// whoever can write the file can exchange the program, too.
    public let fingerprint: String

    private static let samples = 64

    /// Opens a list, and looks at samples of it.
    public init(opening path: String, of origin: NamedFiles.Origin = .somebody) throws(BreachedListProblem) {
        let size: Int
        do {
            file = try ReadableFile(path, of: origin)
            state = try file.state()
            size = state.size
        } catch {
            throw .unreadable(error)
        }
        if let filter = try BreachFilter(file, size: size) {
            form = .filter(filter)
        } else {
            let hashes = SortedHashes(size: size)
            try Self.checkOrder(of: hashes, in: file)
            form = .text(hashes)
        }
        fingerprint = try Self.fingerprint(of: file, size: size)
    }

    /// Whether the file of this name is the one that was opened, and as it was then.
    func isStill(at path: String) -> Bool { ReadableFile.State(of: path) == state }

    /// Whether the list has the password, by the bytes that are hashed for sign-in.
    public func contains(_ password: Secret) throws(BreachedListProblem) -> Bool {
        let hash = BreachedHash(of: password)
        switch form {
        case .text(let hashes): return try hashes.contains(hash, in: file)
        case .filter(let filter): return try filter.contains(hash, in: file)
        }
    }

    /// Where the blocks begin: the first is the file's, the last ends it.
    private static func positions(_ size: Int) -> [Int] {
        let last = max(0, size - SortedHashes.blockSize)
        return (0..<samples).map { last / (samples - 1) * $0 + last % (samples - 1) * $0 / (samples - 1) }
    }

    private static func checkOrder(
        of hashes: SortedHashes, in file: borrowing ReadableFile
    ) throws(BreachedListProblem) {
        guard hashes.size > 0 else { throw .otherForm }
        var latest: BreachedHash?
        for position in positions(hashes.size) {
            let block = try hashes.lines(of: file, from: position, after: 0).map(\.hash)
            guard let first = block.first else { throw .otherForm }
            guard zip(block, block.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw .unsorted }
            if let latest, first < latest { throw .unsorted }
            latest = first
        }
    }

    private static func fingerprint(
        of file: borrowing ReadableFile, size: Int
    ) throws(BreachedListProblem) -> String {
        var hash = SHA256()
        withUnsafeBytes(of: UInt64(size).littleEndian) { hash.update(bufferPointer: $0) }
        for position in positions(size) {
            do { hash.update(data: try file.bytes(at: position, count: SortedHashes.blockSize)) } catch {
                throw .unreadable(error)
            }
        }
        return Array(hash.finalize().prefix(16)).hexadecimal
    }
}
