internal import ConvonetCore
internal import FoundationEssentials
internal import HTTPTypes

/// The fields of a request's body.
struct RequestFields: Sendable {
    /// How the body is written, and how the answer is to be.
    enum Format: Sendable { case json, form }

    /// Why a body cannot be read.
    enum Fault: Error, Equatable {
        case unsupportedType
        case malformed
        /// A page of another site had the browser send it.
        case fromAnotherSite
        case notText(field: String)
    }

    /// How it was written.
    let format: Format
    private let values: [String: String]

    /// The most bytes of a body: many times what the longest password and a token need.
    static let maximumBytes = 16 * 1024

    private enum Value: Decodable {
        case text(String)
        case null
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .other
            }
        }
    }

    /// The format that a Content-Type names.
    static func format(of contentType: String?, takesForm: Bool) throws(Fault) -> Format {
        let type = (contentType ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        if type == "application/json" { return .json }
        if takesForm, type == "application/x-www-form-urlencoded" { return .form }
        throw .unsupportedType
    }

    init(_ bytes: [UInt8], _ format: Format) throws(Fault) {
        self.format = format
        switch format {
        case .json: values = try Self.json(bytes)
        case .form: values = try Self.form(bytes)
        }
    }

    /// A field's text; nil where it is absent or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func json(_ bytes: [UInt8]) throws(Fault) -> [String: String] {
        guard let object = try? JSONDecoder().decode([String: Value].self, from: Data(bytes)) else { throw .malformed }
        var values: [String: String] = [:]
        for (name, value) in object {
            switch value {
            case .text(let text): values[name] = text
            case .null: continue
            case .other: throw .notText(field: name)
            }
        }
        return values
    }

    private static func form(_ bytes: [UInt8]) throws(Fault) -> [String: String] {
        var values: [String: String] = [:]
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(parts[0]), let value = decoded(parts.count > 1 ? parts[1] : []) else {
                throw .malformed
            }
            values[name] = value
        }
        return values
    }

    /// The text that was percent-encoded as a form does it; nil where it is not UTF-8 or not encoded so.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2,
                    let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                    rest.prefix(2).allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
                else { return nil }
                result.append(value)
                rest = rest.dropFirst(2)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }
}
