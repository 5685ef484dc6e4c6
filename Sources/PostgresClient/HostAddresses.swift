import Glibc
import OperatingSystem
import Synchronization

/// The addresses of a host.
///
/// Looked up here and not by libpq, which waits for ever for the first of several that does not answer, and cannot be
/// interrupted while it looks.
enum HostAddresses {
    /// The addresses in the order of the system's choice, none for a name that has none; nil for a socket or an address.
    ///
    /// Throws `PostgresError.cancelled`, and `timedOut` when the deadline comes first.
    static func of(_ host: String?, _ deadline: Deadline, _ interruption: WaitInterruption) throws -> [String]? {
        guard let host, !host.isEmpty, !host.hasPrefix("/"), !host.hasPrefix("@"), !isAddress(host) else { return nil }
        let lookUp = LookUp()
        detachThread { lookUp.run(host) }
        while true {
            if let found = lookUp.found.withLock({ $0 }) { return found }
            let waited = waitFor(lookUp.done.descriptor, Int32(POLLIN), wake: interruption.wake, until: deadline)
            if waited == .timedOut { throw PostgresError.timedOut }
            try interruption.check()
        }
    }

    private static func isAddress(_ host: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    /// getaddrinfo(3) knows no time limit, so it has a thread that nobody waits for longer than they like.
    private final class LookUp: Sendable {
        let done = WakeSignal()
        let found = Mutex<[String]?>(nil)

        func run(_ host: String) {
            let addresses = Self.addresses(of: host)
            found.withLock { $0 = addresses }
            done.fire()
        }

        private static func addresses(of host: String) -> [String] {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var first: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
            defer { freeaddrinfo(first) }
            var (addresses, next) = ([String](), first)
            while let entry = next?.pointee {
                var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                if getnameinfo(
                    entry.ai_addr, entry.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
                {
                    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                    if !addresses.contains(text) { addresses.append(text) }
                }
                next = entry.ai_next
            }
            return addresses
        }
    }
}
