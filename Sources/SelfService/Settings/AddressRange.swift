/// One IP address, or a network of them, such as `10.0.0.0/8`.
struct AddressRange: Equatable, Sendable {
    private let address: IPAddress
    private let prefixLength: Int

    /// Reads an address with or without a prefix's length; nil for anything else.
    init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        var length = address.bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...length).contains(given) else { return nil }
            length = given
        }
        self.address = address
        prefixLength = length
    }

    /// Whether an address lies in it.
    func contains(_ other: IPAddress) -> Bool { address.agrees(with: other, for: prefixLength) }
}
