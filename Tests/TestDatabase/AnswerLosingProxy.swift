internal import EmbeddedPostgres
internal import Glibc
import OperatingSystem
internal import PostgresClient
internal import Synchronization

/// A socket in front of a server's own: it passes everything on, until a request with a mark in it was answered for the
/// first time. That answer is kept back and the connection is ended, as when a line drops at that moment.
public final class AnswerLosingProxy: Sendable {
    private let directory: String
    private let address: String
    private let listener: Int32
    private let path: String
    private let target: String
    private let mark: [UInt8]
    private let endsThen: Bool
    private let hasLost = Mutex(false)
    private let hasEnded = Mutex(false)

    /// The proxy's socket could not be made.
    public struct NoSocket: Error {}

    /// In front of a test's database; the mark is in the statement whose answer is lost. Where it `endsThen`, nobody gets
    /// through it afterwards.
    public init(to database: TestDatabase, losing mark: String, endsThen: Bool = false) throws {
        self.endsThen = endsThen
        var name = Array("/tmp/proxy-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw NoSocket() }
        let port = database.cluster.port
        directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        address = "host=\(directory) port=\(port) dbname=\(database.name)"
        path = "\(directory)/.s.PGSQL.\(port)"
        target = "\(database.cluster.socketDirectory)/.s.PGSQL.\(port)"
        self.mark = Array(mark.utf8)
        guard let listener = Self.socket(at: path, { bind($0, $1, $2) }), listen(listener, 8) == 0 else {
            throw NoSocket()
        }
        self.listener = listener
        detachThread { [self] in accept() }
    }

    /// How libpq gets through it to the database as one of the users.
    public func connectionString(_ user: TestDatabase.User = .operator) -> String { "\(address) user=\(user.rawValue)" }

    /// Takes no more connections.
    public func stop() {
        guard
            !hasEnded.withLock({ ended in
                defer { ended = true }; return ended
            })
        else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unlink(path)
        rmdir(directory)
    }

    private func accept() {
        while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
            guard let server = Self.socket(at: target, { connect($0, $1, $2) }) else {
                close(client)
                continue
            }
            detachThread { [self] in relay(client, server) }
        }
    }

    private func relay(_ client: Int32, _ server: Int32) {
        defer { for end in [client, server] { close(end) } }
        var isMarked = false
        var ends = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while poll(&ends, 2, -1) > 0 {
            for (index, other) in [(0, server), (1, client)] where ends[index].revents != 0 {
                let count = read(ends[index].fd, &buffer, buffer.count)
                guard count > 0 else { return }
                // Nor does anybody who was through before.
                if endsThen, hasEnded.withLock({ $0 }) { return }
                if index == 0, buffer[..<count].firstRange(of: mark) != nil { isMarked = true }
                // The server answers when it has committed.
                if index == 1, isMarked,
                    hasLost.withLock({ lost in
                        defer { lost = true }; return !lost
                    })
                {
                    if endsThen { stop() }
                    return
                }
                guard write(other, buffer, count) == count else { return }
            }
        }
    }

    private static func socket(
        at path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32? {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
