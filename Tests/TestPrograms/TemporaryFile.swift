internal import Glibc

/// A file without a name.
public final class TemporaryFile: Sendable {
    /// Its descriptor.
    public let descriptor: Int32

    /// A file with these bytes, to be read from its beginning.
    public init(holding bytes: [UInt8] = []) throws {
        var name = Array("/tmp/command-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw StartedProgram.StartFailure(path: "/tmp", errno: errno) }
        unlink(name)
        if !bytes.isEmpty { _ = write(descriptor, bytes, bytes.count) }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    /// All of it as text.
    public func text() -> String {
        lseek(descriptor, 0, SEEK_SET)
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
        return String(decoding: all, as: UTF8.self)
    }
}
