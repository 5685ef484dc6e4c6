/// JSON text, written field by field in the order given (RFC 8259).
///
/// Characters that could disturb a terminal or turn a line around are escaped, which means the same to a reader.
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
    static func list(_ values: [String]) -> String { "[" + values.map(quoted).joined(separator: ", ") + "]" }

    /// The object on one line, in UTF-8.
    public var bytes: [UInt8] { body + [UInt8(ascii: "}")] }

    /// The object on one line.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func begin(_ name: String) {
        if body.count > 1 { body += ", ".utf8 }
        Self.append(quoted: name, to: &body)
        body += ": ".utf8
    }

    static func quoted(_ text: String) -> String {
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
                for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars { bytes += escaped(scalar).utf8 }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Bytes of characters that need no escape. What `escaped` takes beyond ASCII begins with C2, E2 or EF.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7F, 0xC2, 0xE2, 0xEF: false
        default: true
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200B}"..."\u{200F}",
            "\u{2028}"..."\u{202E}", "\u{2060}"..."\u{206F}", "\u{FEFF}":
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: return String(Character(scalar))
        }
    }
}
