internal import Glibc

/// An IP address in one spelling: IPv4 that is written as IPv6 is IPv4.
struct IPAddress: Hashable, Sendable {
    /// Four or sixteen bytes.
    let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads an address alone; the name of an interface behind it does not count.
    init?(_ text: String) {
        let address = String(text.prefix { $0 != "%" })
        guard !address.utf8.contains(0) else { return nil }
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, address, &four) == 1 {
            bytes = four
            return
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, address, &sixteen) == 1 else { return nil }
        let isMapped = sixteen[..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        bytes = isMapped ? Array(sixteen[12...]) : sixteen
    }

    /// Reads an address as proxies write it: with a port or without, IPv6 in brackets or not, in quotes or not.
    init?(forwarded entry: some StringProtocol) {
        let text = String(entry.filter { !$0.isWhitespace && $0 != "\"" })
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || Self.isPort(rest) else { return nil }
            self.init(String(text[..<end].dropFirst()))
        } else if let colon = text.firstIndex(of: ":"), text[text.index(after: colon)...].allSatisfy({ $0 != ":" }) {
            guard Self.isPort(text[colon...]) else { return nil }
            self.init(String(text[..<colon]))
        } else {
            self.init(String(text))
        }
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        text.first == ":" && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The address as everything here writes it.
    var text: String {
        var buffer = [CChar](repeating: 0, count: 64)
        _ = inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the first so many bits are those of another address.
    func agrees(with other: IPAddress, for bits: Int) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            let difference: UInt8 = bytes[bit / 8] ^ other.bytes[bit / 8]
            return difference & (UInt8(0x80) >> UInt8(bit % 8)) == 0
        }
    }

    /// The address with all behind the first so many bits set to nothing.
    func network(of bits: Int) -> IPAddress {
        IPAddress(
            bytes: bytes.indices.map { index in
                let kept = min(max(bits - index * 8, 0), 8)
                return bytes[index] & ~UInt8(0xFF >> kept)
            })
    }
}
