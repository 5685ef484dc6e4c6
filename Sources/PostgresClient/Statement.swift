public import FoundationEssentials
public import OperatingSystem

/// One SQL statement and its bound parameters.
///
/// Written as a string literal; what is interpolated becomes a parameter, never text:
/// `"SELECT 1 FROM t WHERE id = \(id)"` sends `$1` and the id apart.
public struct Statement: Equatable, Sendable, ExpressibleByStringInterpolation {
    /// What stands between the parameters: always one piece more than there are parameters.
    var pieces: [String]
    var parameters: [Parameter]

    /// A statement without parameters.
    public init(stringLiteral value: String) {
        pieces = [value]
        parameters = []
    }

    /// A statement with what was interpolated as parameters.
    public init(stringInterpolation: Interpolation) {
        self = stringInterpolation.statement
    }

    /// The text that is sent, with `$1`, `$2`, ... for the parameters.
    public var sql: String {
        var text = pieces[0]
        for number in 1..<max(1, pieces.count) {
            text += "$\(number)" + pieces[number]
        }
        return text
    }

    /// Collects text and parameters.
    public struct Interpolation: StringInterpolationProtocol {
        var statement: Statement = ""

        /// Begins an empty statement.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds text of the program.
        public mutating func appendLiteral(_ literal: String) {
            statement.pieces[statement.pieces.count - 1] += literal
        }

        /// Adds a parameter.
        public mutating func appendInterpolation(_ value: some Bindable) {
            statement.parameters.append(value.parameter)
            statement.pieces.append("")
        }

        /// Adds another statement's text and parameters at this place.
        public mutating func appendInterpolation(_ other: Statement) {
            appendLiteral(other.pieces[0])
            statement.parameters += other.parameters
            statement.pieces += other.pieces.dropFirst()
        }
    }

    /// A statement from SQL text that the program itself holds, such as a file of its schema; never from outside.
    public init(trusted sql: String) {
        pieces = [sql]
        parameters = []
    }
}

/// A value as it goes to the server: its type and its bytes in PostgreSQL's binary format; nil is NULL.
public struct Parameter: Equatable, Sendable {
    var type: UInt32
    var bytes: [UInt8]?

    init(type: UInt32, bytes: [UInt8]?) {
        self.type = type
        self.bytes = bytes
    }

    /// Text from bytes that the caller holds, so that no String need be made of them.
    public static func text(utf8 bytes: [UInt8]) -> Parameter { Parameter(type: TypeID.text, bytes: bytes) }

    /// bytea.
    public static func bytea(_ bytes: [UInt8]) -> Parameter { Parameter(type: TypeID.bytea, bytes: bytes) }

    /// JSON text for a jsonb parameter.
    public static func jsonb(_ text: String) -> Parameter {
        Parameter(type: TypeID.jsonb, bytes: [1] + Array(text.utf8))
    }
}

/// Object ids of built-in types (pg_type.dat); they never change.
enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let text: UInt32 = 25
    static let textArray: UInt32 = 1009
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
}

/// A type that can be bound to a statement.
public protocol Bindable {
    /// The value as PostgreSQL takes it.
    var parameter: Parameter { get }
    /// NULL of this type.
    static var null: Parameter { get }
}

extension Parameter: Bindable {
    /// The parameter itself.
    public var parameter: Parameter { self }
    /// NULL as text.
    public static var null: Parameter { Parameter(type: TypeID.text, bytes: nil) }
}

extension String: Bindable {
    /// The text as UTF-8.
    public var parameter: Parameter { Parameter(type: TypeID.text, bytes: Array(utf8)) }
    /// NULL as text.
    public static var null: Parameter { Parameter(type: TypeID.text, bytes: nil) }
}

extension Int64: Bindable {
    /// int8.
    public var parameter: Parameter { Parameter(type: TypeID.int8, bytes: bigEndianBytes(self)) }
    /// NULL as int8.
    public static var null: Parameter { Parameter(type: TypeID.int8, bytes: nil) }
}

extension Int: Bindable {
    /// int8.
    public var parameter: Parameter { Int64(self).parameter }
    /// NULL as int8.
    public static var null: Parameter { Int64.null }
}

extension Bool: Bindable {
    /// bool.
    public var parameter: Parameter { Parameter(type: TypeID.bool, bytes: [self ? 1 : 0]) }
    /// NULL as bool.
    public static var null: Parameter { Parameter(type: TypeID.bool, bytes: nil) }
}

extension UUID: Bindable {
    /// uuid.
    public var parameter: Parameter {
        Parameter(type: TypeID.uuid, bytes: withUnsafeBytes(of: uuid) { Array($0) })
    }
    /// NULL as uuid.
    public static var null: Parameter { Parameter(type: TypeID.uuid, bytes: nil) }
}

extension Timestamp: Bindable {
    /// timestamptz.
    public var parameter: Parameter { Parameter(type: TypeID.timestamptz, bytes: bigEndianBytes(postgres)) }
    /// NULL as timestamptz.
    public static var null: Parameter { Parameter(type: TypeID.timestamptz, bytes: nil) }
}

extension [String]: Bindable {
    /// text[] with one dimension (array_send in PostgreSQL's arrayfuncs.c).
    public var parameter: Parameter {
        var bytes = bigEndianBytes(Int32(isEmpty ? 0 : 1)) + bigEndianBytes(Int32(0)) + bigEndianBytes(TypeID.text)
        if !isEmpty {
            bytes += bigEndianBytes(Int32(count)) + bigEndianBytes(Int32(1))
        }
        for element in self {
            bytes += bigEndianBytes(Int32(element.utf8.count))
            bytes += element.utf8
        }
        return Parameter(type: TypeID.textArray, bytes: bytes)
    }
    /// NULL as text[].
    public static var null: Parameter { Parameter(type: TypeID.textArray, bytes: nil) }
}

extension Optional: Bindable where Wrapped: Bindable {
    /// The value, or NULL of its type.
    public var parameter: Parameter { self?.parameter ?? Wrapped.null }
    /// NULL of the wrapped type.
    public static var null: Parameter { Wrapped.null }
}

private func bigEndianBytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
}
