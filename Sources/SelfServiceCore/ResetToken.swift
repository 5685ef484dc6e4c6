internal import Crypto
import OperatingSystem

/// The secret of a link: 256 bits of the system's generator, as 43 characters of base64url (RFC 4648, section 5).
///
/// It prints as `<token>`. The database knows its SHA-256 alone.
public struct ResetToken: Sendable, CustomStringConvertible {
    /// The 43 characters: for the link, and for nothing that is kept.
    public let text: String

    /// A new token.
    public init() {
        var generator = SystemRandomNumberGenerator()
        text = Base64.encodedForURL((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The token of a link as somebody hands it in; nil where it cannot be one.
    public init?(parsing text: String) {
        let isToken =
            text.utf8.count == 43
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
        guard isToken else { return nil }
        self.text = text
    }

    /// SHA-256 of the characters: what the database keeps and finds it by.
    public var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Always `<token>`.
    public var description: String { "<token>" }
}
