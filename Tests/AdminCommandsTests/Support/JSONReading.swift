/// One JSON object as a strict reader sees it, with its fields in the order in which they came.
struct JSONReading: Equatable {
    indirect enum Value: Equatable {
        case null, flag(Bool), number(String), text(String), list([Value]), object(JSONReading)
    }

    struct Malformed: Error {
        let text: String
    }

    private(set) var names: [String] = []
    private(set) var values: [String: Value] = [:]

    init(_ text: String) throws {
        var reader = Reader(text)
        guard case .object(let object) = try reader.value(), reader.isAtEnd else { throw Malformed(text: text) }
        self = object
    }

    private init() {}

    subscript(_ name: String) -> Value? { values[name] }

    /// A text field, or nil.
    func text(_ name: String) -> String? { if case .text(let text) = values[name] { text } else { nil } }

    /// An object field, or nil.
    func object(_ name: String) -> JSONReading? { if case .object(let object) = values[name] { object } else { nil } }

    private struct Reader {
        private let whole: String
        private var rest: Substring.UnicodeScalarView

        init(_ text: String) {
            whole = text
            rest = text[...].unicodeScalars
        }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func value() throws -> Value {
            switch rest.first {
            case "{": return .object(try object())
            case "[": return .list(try list())
            case "\"": return .text(try text())
            default:
                let word = String(rest.prefix { !",}] ".unicodeScalars.contains($0) })
                rest = rest.dropFirst(word.unicodeScalars.count)
                switch word {
                case "null": return .null
                case "true", "false": return .flag(word == "true")
                default:
                    guard Int(word) != nil else { throw Malformed(text: whole) }
                    return .number(word)
                }
            }
        }

        private mutating func object() throws -> JSONReading {
            var object = JSONReading()
            try take("{")
            while rest.first != "}" {
                if !object.names.isEmpty { try take(",") }
                let name = try text()
                try take(":")
                guard object.values.updateValue(try value(), forKey: name) == nil else { throw Malformed(text: whole) }
                object.names.append(name)
            }
            try take("}")
            return object
        }

        private mutating func list() throws -> [Value] {
            var values: [Value] = []
            try take("[")
            while rest.first != "]" {
                if !values.isEmpty { try take(",") }
                values.append(try value())
            }
            try take("]")
            return values
        }

        private mutating func text() throws -> String {
            guard rest.popFirst() == "\"" else { throw Malformed(text: whole) }
            var result = ""
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"": return result
                case "\\":
                    switch rest.popFirst() {
                    case "n": result += "\n"
                    case "t": result += "\t"
                    case "\"": result += "\""
                    case "\\": result += "\\"
                    case "u":
                        var units = [try unit()]
                        if UTF16.isLeadSurrogate(units[0]) {
                            guard rest.popFirst() == "\\", rest.popFirst() == "u" else { throw Malformed(text: whole) }
                            units.append(try unit())
                        }
                        guard let text = String(validating: units, as: UTF16.self) else { throw Malformed(text: whole) }
                        result += text
                    default: throw Malformed(text: whole)
                    }
                case _ where scalar.value < 0x20: throw Malformed(text: whole)
                default: result.unicodeScalars.append(scalar)
                }
            }
            throw Malformed(text: whole)
        }

        /// Four hexadecimal digits.
        private mutating func unit() throws -> UInt16 {
            guard let unit = UInt16(String(rest.prefix(4)), radix: 16) else { throw Malformed(text: whole) }
            rest = rest.dropFirst(4)
            return unit
        }

        private mutating func take(_ wanted: Unicode.Scalar) throws {
            guard rest.popFirst() == wanted else { throw Malformed(text: whole) }
            while rest.first == " " { rest = rest.dropFirst() }
        }
    }
}
