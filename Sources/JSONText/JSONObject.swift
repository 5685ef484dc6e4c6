internal import HiddenCharacters

/// JSON text, written field by field in the order given (RFC 8259).
///
/// Characters that show nothing, disturb a terminal or turn a line around are escaped, which means the same to a reader.
public struct JSONObject: Sendable {
    /// What comes before the closing brace.
    private var body: [UInt8] = [UInt8(ascii: "{")]

    /// An object without fields.
    public init() { body.reserveCapacity(640) }

    /// A field with text, or null.
    public mutating func add(_ name: String, _ value: String?) {
        begin(name)
        if let value { Self.append(quoted: value, to: &body) } else { body += "null".utf8 }
    }
    /// A field with a whole number, or null.
    public mutating func add(_ name: String, _ value: Int?) {
        begin(name)
        body += (value.map { String($0) } ?? "null").utf8
    }
    /// A field with true or false.
    public mutating func add(_ name: String, _ value: Bool) {
        begin(name)
        body += (value ? "true" : "false").utf8
    }
    /// A field with another object.
    public mutating func add(_ name: String, _ value: JSONObject) {
        begin(name)
        body += value.bytes
    }
    /// A field with a list of texts.
    public mutating func add(_ name: String, _ values: [String]) {
        begin(name)
        body += Self.list(values).utf8
    }

    /// A list of texts on its own.
    package static func list(_ values: [String]) -> String { "[" + values.map(quoted).joined(separator: ", ") + "]" }

    /// The object on one line, in UTF-8.
    public var bytes: [UInt8] { body + [UInt8(ascii: "}")] }

    /// The object on one line.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func begin(_ name: String) {
        if body.count > 1 { body += ", ".utf8 }
        Self.append(quoted: name, to: &body)
        body += ": ".utf8
    }

    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(quoted: text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(quoted text: String, to bytes: inout [UInt8]) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            // Nearly all text is plain, and an export holds a great deal of it.
            if utf8.allSatisfy(isPlain) {
                bytes.append(contentsOf: utf8)
            } else {
                for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars { append(scalar, to: &bytes) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Bytes of characters that need no escape: what begins other characters never begins one that is hidden.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7F: false
        case 0xC2, 0xCD, 0xD8, 0xE1, 0xE2, 0xE3, 0xEF, 0xF0, 0xF3: false
        default: true
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        case "\n": bytes += "\\n".utf8
        case "\t": bytes += "\\t".utf8
        case _ where scalar.isHidden:
            // Beyond U+FFFF two units, as UTF-16 has them (RFC 8259, section 7).
            for unit in String(scalar).utf16 {
                bytes += "\\u".utf8
                for shift in [12, 8, 4, 0] { bytes += String(unit >> UInt16(shift) & 15, radix: 16).utf8 }
            }
        default: bytes += String(scalar).utf8
        }
    }
}
