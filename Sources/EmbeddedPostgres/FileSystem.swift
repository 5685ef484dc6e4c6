import Glibc
import OperatingSystem

/// The few file operations that the cluster needs, without Foundation.
enum FileSystem {
    /// The names in a directory; empty where it cannot be read.
    static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The end of a text file, at most `limit` bytes of it; nil where it cannot be read.
    static func readTail(_ path: String, limit: Int) -> String? {
        guard let file = try? ReadableFile(path, followingLink: false) else { return nil }
        let size = lseek(file.descriptor, 0, SEEK_END)
        lseek(file.descriptor, max(0, size - limit), SEEK_SET)
        return String(decoding: readToEnd(file.descriptor, limit: limit), as: UTF8.self)
    }

    static func readToEnd(_ descriptor: Int32, limit: Int = .max) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < limit {
            let count = read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    static func writeAll(_ text: String, to descriptor: Int32, named path: String) throws(ClusterFailure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError.failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Replaces a file by one that only `owner` can read, and follows no link that lies in its place.
    static func write(_ text: String, to path: String, owner: ServerUser) throws(ClusterFailure) {
        let descriptor = try replace(path, owner: owner)
        defer { close(descriptor) }
        try writeAll(text, to: descriptor, named: path)
    }

    /// A new file in the place of another, for `owner` alone, open for writing; a link in its place is taken away, not
    /// followed.
    static func replace(_ path: String, owner: ServerUser) throws(ClusterFailure) -> Int32 {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemError.failure("open", path) }
        if owner.isAnother, fchown(descriptor, owner.uid, owner.gid) != 0 {
            let failure = SystemError.failure("chown", path)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// A nameless file in memory that is open for reading and writing.
    static func scratchFile(holding text: String = "") throws(ClusterFailure) -> Int32 {
        guard let descriptor = ScratchFile.open(holding: Array(text.utf8)) else {
            throw SystemError.failure("memfd_create", "the input of another program")
        }
        return descriptor
    }
}
