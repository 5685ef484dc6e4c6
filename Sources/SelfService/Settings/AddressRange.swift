internal import Glibc

/// One IP address, or a network of them, such as `10.0.0.0/8`.
struct AddressRange: Equatable, Sendable {
    private let bytes: [UInt8]
    private let prefixLength: Int

    /// Reads an address with or without a prefix's length; nil for anything else.
    init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...length).contains(given) else { return nil }
            length = given
        }
        self.bytes = bytes
        prefixLength = length
    }

    /// Whether an address lies in it; false for what is none.
    func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
        return (0..<prefixLength).allSatisfy { bit in
            let difference: UInt8 = other[bit / 8] ^ bytes[bit / 8]
            return difference & (UInt8(0x80) >> UInt8(bit % 8)) == 0
        }
    }

    /// Four or sixteen bytes; an IPv4 address that is written as IPv6 is IPv4.
    static func bytes(of address: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, address, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, address, &sixteen) == 1 else { return nil }
        let isMapped = sixteen[..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return isMapped ? Array(sixteen[12...]) : sixteen
    }
}
