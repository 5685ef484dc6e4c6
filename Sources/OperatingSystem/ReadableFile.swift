internal import CGlibc
internal import Glibc

/// A file that is there, opened to be read: the one way in which files that somebody names are opened.
///
/// Nothing but a regular file is taken, and opening it never waits: a FIFO without a writer, a terminal or a tape would
/// hold the program up, for ever or until it is killed.
public struct ReadableFile: ~Copyable, Sendable {
    /// Its descriptor, at the file's beginning; closed with this value.
    public let descriptor: Int32

    /// Opens a file; a symbolic link is followed unless told otherwise.
    public init(
        _ path: String, of origin: NamedFiles.Origin = .somebody, followingLink: Bool = true
    ) throws(FileProblem) {
        descriptor = try Self.opened(path, origin, followingLink)
    }

    private static func opened(
        _ path: String, _ origin: NamedFiles.Origin, _ followingLink: Bool
    ) throws(FileProblem) -> Int32 {
        // Looked at first, since to open a device can do something to it.
        try check(path, of: origin, followingLink: followingLink)
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followingLink ? 0 : O_NOFOLLOW)
        let descriptor = open(path, flags)
        guard descriptor >= 0 else { throw .last }
        var state = stat()
        // Another may stand there by now.
        guard fstat(descriptor, &state) == 0, state.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notAFile(FileProblem.Kind(state.st_mode))
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Whether a file of this path could be opened, for one that another program is to read.
    public static func check(
        _ path: String, of origin: NamedFiles.Origin = .somebody, followingLink: Bool = true
    ) throws(FileProblem) {
        try NamedFiles.check(path, of: origin)
        var state = stat()
        guard (followingLink ? stat(path, &state) : lstat(path, &state)) == 0 else { throw .last }
        guard state.st_mode & S_IFMT == S_IFREG else {
            throw state.st_mode & S_IFMT == S_IFLNK
                ? .system(ELOOP) : .notAFile(FileProblem.Kind(state.st_mode))
        }
        guard access(path, R_OK) == 0 else { throw .last }
    }

    /// Whether somebody can change it who is neither root nor the user that this process runs as. Where files are made up as they are
    /// read, of a process's memory or by a program (FUSE), their owner says nothing.
    public var isOpenToChanges: Bool {
        var state = stat()
        guard fstat(descriptor, &state) == 0, cg_is_on_disk(descriptor) == 1 else { return true }
        return state.st_mode & 0o022 != 0 || (state.st_uid != 0 && state.st_uid != geteuid())
    }

    /// All bytes of a file, of which there may be `limit`.
    public static func contents(
        of path: String, named origin: NamedFiles.Origin = .somebody, limit: Int
    ) throws(FileProblem) -> [UInt8] {
        try ReadableFile(path, of: origin).contents(limit: limit)
    }

    /// All bytes, of which there may be `limit`.
    public borrowing func contents(limit: Int) throws(FileProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > limit { throw .tooLarge(limit: limit) }
        }
    }
}
