/// Who asks, by address.
struct ClientAddress: Equatable, Sendable {
    /// What in X-Forwarded-For does not help, and somebody should know of.
    enum Remark: String, Sendable {
        case notTrusted =
            "X-Forwarded-For is ignored: this address is not in trusted_proxies, so all clients behind it count as one"
        case unreadable = "X-Forwarded-For of a trusted proxy has no address: all clients behind it count as one"
    }

    /// The address in its one spelling; `unknown` where there is none.
    let text: String
    /// Whether it is not the other end of the connection, but somebody for whom a trusted proxy asks.
    let isForwarded: Bool
    let remark: Remark?

    /// The address of the other end; where that is a proxy we trust, the last address in X-Forwarded-For that is none.
    ///
    /// What stands before that one was written by somebody we do not trust.
    init(peer: String?, forwardedFor: [String], trusted: [AddressRange]) {
        guard let peer, let other = IPAddress(peer) else {
            (text, isForwarded, remark) = ("unknown", false, nil)
            return
        }
        func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
        guard isTrusted(other) else {
            (text, isForwarded, remark) = (other.text, false, forwardedFor.isEmpty ? nil : .notTrusted)
            return
        }
        var (client, remark) = (other, Remark?.none)
        // By code points: a client may send what makes one letter with the comma that a proxy puts behind it.
        for entry in forwardedFor.joined(separator: ",").unicodeScalars.split(separator: ",").reversed() {
            guard let address = IPAddress(forwarded: Substring(entry)) else {
                if client == other { remark = .unreadable }
                break
            }
            client = address
            if !isTrusted(address) { break }
        }
        (text, isForwarded, self.remark) = (client.text, client != other, remark)
    }
}
