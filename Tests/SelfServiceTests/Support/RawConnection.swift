import Glibc

/// A connection to a service on loopback, on which a test says what it likes.
final class RawConnection: Sendable {
    private let descriptor: Int32

    struct Failure: Error {
        let call: String
        let errno: Int32
    }

    /// Connects; `source` is the address of loopback to come from, and `base` another listener of the service's.
    init(_ service: RunningService, from source: String = "127.0.0.1", at base: String? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", errno: errno) }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let port = UInt16((base ?? service.base).split(separator: ":").last ?? "") ?? 0
        let ends = [(source, UInt16(0), Glibc.bind), ("127.0.0.1", port, Glibc.connect)]
        for (address, port, call) in ends {
            var end = sockaddr_in()
            end.sin_family = sa_family_t(AF_INET)
            end.sin_port = port.bigEndian
            inet_pton(AF_INET, address, &end.sin_addr)
            let outcome = withUnsafePointer(to: &end) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard outcome == 0 else { throw Failure(call: "bind or connect", errno: errno) }
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Says that nothing more comes from here.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// All that comes until the other end closes.
    func readToEnd() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What came by now, waiting for the first of it.
    func read() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    /// Which of these has something to read, or has ended, first; waits a minute for it.
    static func first(of connections: [RawConnection]) -> RawConnection? {
        var waiting = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        guard poll(&waiting, nfds_t(waiting.count), 60_000) > 0 else { return nil }
        return waiting.firstIndex { $0.revents != 0 }.map { connections[$0] }
    }

    /// Whether the other end has closed, or said anything, by now.
    var isQuiet: Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) == 0
    }
}
