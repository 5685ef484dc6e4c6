/// An e-mail address, read the same way wherever somebody gives one.
public struct EmailAddress: Equatable, Sendable {
    /// What stands before the @, as it was given.
    public let local: String
    /// What stands behind it.
    public let domain: DomainName

    package init(local: String, domain: DomainName) { (self.local, self.domain) = (local, domain) }

    /// Reads an address as people give it, with blanks or invisible characters around it, `mailto:` before it, in angle
    /// brackets or behind a name; nil for anything else, two addresses among it.
    public init?(typed text: String) {
        var rest = Self.trimmed(text)
        if let open = rest.lastIndex(where: { $0 == "<" }) {
            guard rest.last == ">" else { return nil }
            rest = Self.trimmed(String.UnicodeScalarView(rest[rest.index(after: open)...].dropLast()))
        }
        if String(String.UnicodeScalarView(rest.prefix(7))).lowercased() == "mailto:" {
            rest = Self.trimmed(String.UnicodeScalarView(rest.dropFirst(7).prefix { $0 != "?" }))
        }
        let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(where: Self.isBlank),
            let domain = DomainName(String(String.UnicodeScalarView(parts[1])))
        else { return nil }
        local = String(String.UnicodeScalarView(parts[0]))
        self.domain = domain
    }

    /// With the domain as DNS spells it: how mail is addressed.
    public var ascii: String { "\(local)@\(domain.ascii)" }

    /// With the domain as people write it.
    public var unicode: String { "\(local)@\(domain.unicode)" }

    /// Whether mail can be sent to it by every server: nothing but an address, without an option before it.
    ///
    /// Of RFC 5321's forms it takes those without quotes, in ASCII, to 254 bytes. Letters of other scripts before the @
    /// would need every server on the way to know SMTPUTF8.
    public var isDeliverable: Bool {
        local.utf8.count <= 64 && ascii.utf8.count <= 254 && local.utf8.first != UInt8(ascii: "-")
            && local.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: ".!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
                }
            }
    }

    private static func trimmed(_ text: String) -> String.UnicodeScalarView { trimmed(text.unicodeScalars) }

    private static func trimmed(_ scalars: String.UnicodeScalarView) -> String.UnicodeScalarView {
        let start = scalars.drop(while: isBlank)
        return String.UnicodeScalarView(start.reversed().drop(while: isBlank).reversed())
    }

    /// Blanks of every kind, control characters and what cannot be seen: in an address all of them are accidents.
    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
