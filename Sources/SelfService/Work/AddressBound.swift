internal import Synchronization

/// Bounds how much one address has open at once: connections, or what a proxy asks for one.
///
/// Of IPv6 a household has a /64 and a provider gives away as much as a /48, so these count together, with larger bounds.
final class AddressBound: Sendable {
    private let limit: Int
    /// How many by network; none that has nothing open.
    let open = Mutex<[String: Int]>([:])

    /// At most `limit` for an address of IPv4 or a /64 of IPv6, twice as many for a /56, four times for a /48.
    init(limit: Int) { self.limit = limit }

    /// Counts one more; false, and nothing is counted, where that would be too many.
    func enter(_ address: String) -> Bool {
        let networks = Self.networks(of: address)
        return open.withLock { open in
            guard networks.allSatisfy({ open[$0.key, default: 0] < limit * $0.factor }) else { return false }
            for network in networks { open[network.key, default: 0] += 1 }
            return true
        }
    }

    /// Counts one less.
    func leave(_ address: String) {
        let networks = Self.networks(of: address)
        open.withLock { open in
            for network in networks {
                let count = open[network.key, default: 0] - 1
                open[network.key] = count > 0 ? count : nil
            }
        }
    }

    private static func networks(of address: String) -> [(key: String, factor: Int)] {
        guard let parsed = IPAddress(address) else { return [("unknown", 1)] }
        guard parsed.bytes.count == 16 else { return [(parsed.text, 1)] }
        return [(64, 1), (56, 2), (48, 4)].map { ("\(parsed.network(of: $0.0).text)/\($0.0)", $0.1) }
    }
}
