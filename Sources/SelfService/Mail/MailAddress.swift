/// An e-mail address that can stand in a header as it is, with a name before it or without.
struct MailAddress: Equatable, Sendable {
    /// The name; empty where there is none.
    let name: String
    /// The address alone.
    let address: String

    /// Reads `a@b` or `Name <a@b>`; nil for anything else.
    init?(from text: String) {
        if let open = text.lastIndex(of: "<") {
            guard text.hasSuffix(">") else { return nil }
            let name = text[..<open]
            self.name = String(name.reversed().drop(while: \.isWhitespace).reversed())
            address = String(text[text.index(after: open)...].dropLast())
        } else {
            name = ""
            address = text
        }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
    }

    /// Whether the address is one, and nothing but one: no list, no comment, no second header, no option.
    ///
    /// Of RFC 5321's forms it takes those without quotes and brackets, in ASCII, to 254 bytes.
    var isUsable: Bool {
        let parts = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, address.utf8.count <= 254, !parts[0].isEmpty, parts[0].count <= 64 else { return false }
        let isLocal = parts[0].allSatisfy { Self.isLetterOrDigit($0) || ".!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
        let isDomain = parts[1].allSatisfy { Self.isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x2D }
        return isLocal && isDomain && parts[0].first != 0x2D && !parts[1].isEmpty && parts[1].first != 0x2D
            && parts[1].first != 0x2E
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
