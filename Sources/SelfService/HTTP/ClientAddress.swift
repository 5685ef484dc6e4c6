/// Who asks, by address.
enum ClientAddress {
    /// The address of the other end; where that is a proxy we trust, the last address in X-Forwarded-For that is none.
    ///
    /// What stands before that one was written by somebody we do not trust.
    static func find(peer: String?, forwardedFor: [String], trusted: [AddressRange]) -> String {
        guard let peer else { return "unknown" }
        func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }
        guard isTrusted(peer) else { return peer }
        var client = peer
        for entry in forwardedFor.joined(separator: ",").split(separator: ",").reversed() {
            let address = String(entry.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
            guard AddressRange.bytes(of: address) != nil else { break }
            client = address
            if !isTrusted(address) { break }
        }
        return client
    }
}
