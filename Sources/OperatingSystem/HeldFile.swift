internal import Glibc

/// A file that one run holds, and replaces as a whole: at any moment it has the old contents or the new ones.
///
/// It belongs to whoever runs the program alone. Beside it lies an empty one, whose name ends in `.lock`, by which it is held.
public struct HeldFile: ~Copyable {
    /// Where it is; where the name given was a link, what that leads to.
    public let path: String
    private let lock: Int32

    /// Holds a file, which need not be there yet. Throws EWOULDBLOCK where another run does.
    public init(_ path: String) throws(FileProblem) { (self.path, lock) = try Self.held(path) }

    private static func held(_ path: String) throws(FileProblem) -> (path: String, lock: Int32) {
        try NamedFiles.check(path)
        do { try ReadableFile.check(path) } catch .system(ENOENT) {
            // It is made by the first replacement.
        }
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        let target = resolved.map { String(cString: $0) } ?? path
        let lock = open(target + ".lock", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard lock >= 0 else { throw .last }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let problem = FileProblem.last
            close(lock)
            throw problem
        }
        return (target, lock)
    }

    deinit { close(lock) }

    /// Whether another run holds the file.
    public static func isHeld(_ problem: FileProblem) -> Bool { problem == .system(EWOULDBLOCK) }

    /// Puts these bytes in the place of what was there, down to the disk.
    public func replace(with bytes: [UInt8]) throws(FileProblem) {
        let new = path + ".new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last }
            offset += count
        }
        // Some file systems have nothing to synchronise.
        guard fsync(file) == 0 || errno == EINVAL || errno == EROFS, rename(new, path) == 0 else { throw .last }
    }
}
