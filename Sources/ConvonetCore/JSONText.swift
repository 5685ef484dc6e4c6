/// JSON text, written field by field in the order given (RFC 8259).
///
/// Characters that could disturb a terminal or turn a line around are escaped, which means the same to a reader.
public struct JSONObject: Sendable {
    private var body = ""

    /// An object without fields.
    public init() {}

    /// A field with text, or null.
    public mutating func add(_ name: String, _ value: String?) { append(name, value.map(Self.quoted) ?? "null") }
    /// A field with a whole number, or null.
    public mutating func add(_ name: String, _ value: Int?) { append(name, value.map(String.init) ?? "null") }
    /// A field with true or false.
    public mutating func add(_ name: String, _ value: Bool) { append(name, value ? "true" : "false") }
    /// A field with another object.
    public mutating func add(_ name: String, _ value: JSONObject) { append(name, value.text) }
    /// A field with a list of texts.
    public mutating func add(_ name: String, _ values: [String]) {
        append(name, Self.list(values))
    }

    /// A list of texts on its own.
    static func list(_ values: [String]) -> String { "[" + values.map(quoted).joined(separator: ", ") + "]" }

    /// The object on one line.
    public var text: String { "{\(body)}" }

    private mutating func append(_ name: String, _ value: String) {
        if !body.isEmpty { body += ", " }
        body += "\(Self.quoted(name)): \(value)"
    }

    static func quoted(_ text: String) -> String {
        // Nearly all text is plain, and an export holds a great deal of it.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        {
            return "\"" + text + "\""
        }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200B}"..."\u{200F}",
                "\u{2028}"..."\u{202E}", "\u{2060}"..."\u{206F}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
