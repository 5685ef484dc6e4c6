internal import CLibpq
public import FoundationEssentials
public import OperatingSystem

/// The rows that a statement gave, as libpq received them: in binary, and not copied.
///
/// Sendable though it holds a pointer: a PGresult does not change once libpq has handed it over (only PQclear, in
/// deinit, and functions that nothing here calls would change it), and reading it from several threads is safe by
/// libpq's manual, "Behavior in Threaded Programs".
public final class QueryResult: @unchecked Sendable, RandomAccessCollection {
    fileprivate let result: OpaquePointer
    private let rowCount: Int

    init(adopting result: OpaquePointer) {
        self.result = result
        rowCount = Int(PQntuples(result))
    }

    /// A result without rows, of what did not have to be asked; nil where memory is out.
    package static func empty() -> QueryResult? {
        PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK).map { QueryResult(adopting: $0) }
    }

    deinit {
        PQclear(result)
    }

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { rowCount }
    /// The row at `index`, from 0.
    public subscript(index: Int) -> Row { Row(result: self, index: Int32(index)) }

    /// What the server says that it did, such as `COMMIT`, which of a failed transaction says `ROLLBACK`.
    var commandTag: String { String(cString: PQcmdStatus(result)) }
}

/// One row; its columns are read by position, from 0.
///
/// Each reader throws `PostgresError.unexpectedResult` where the column is absent, NULL or of another type.
public struct Row: Sendable {
    let result: QueryResult
    let index: Int32

    /// Whether the column is NULL.
    public func isNull(_ column: Int) -> Bool { PQgetisnull(result.result, index, Int32(column)) == 1 }

    /// The value, or nil for NULL: `try row.optional(3, row.text)`.
    public func optional<Value>(_ column: Int, _ read: (Int) throws -> Value) throws -> Value? {
        isNull(column) ? nil : try read(column)
    }

    /// text, varchar, name or an unknown literal.
    public func text(_ column: Int) throws -> String {
        String(decoding: try bytes(of: column), as: UTF8.self)
    }

    /// bytea.
    public func bytes(_ column: Int) throws -> [UInt8] { Array(try bytes(of: column)) }

    /// int2, int4 or int8.
    public func int(_ column: Int) throws -> Int {
        let bytes = try bytes(of: column)
        switch bytes.count {
        case 2: return Int(bytes.loadUnaligned(as: Int16.self).bigEndian)
        case 4: return Int(bytes.loadUnaligned(as: Int32.self).bigEndian)
        case 8: return Int(bytes.loadUnaligned(as: Int64.self).bigEndian)
        default: throw PostgresError.unexpectedResult("column \(column) is not an integer")
        }
    }

    /// bool.
    public func bool(_ column: Int) throws -> Bool { try sized(column, 1, "boolean")[0] != 0 }

    /// uuid.
    public func uuid(_ column: Int) throws -> UUID {
        UUID(uuid: try sized(column, 16, "uuid").loadUnaligned(as: uuid_t.self))
    }

    /// timestamptz.
    public func timestamp(_ column: Int) throws -> Timestamp {
        Timestamp(postgres: try sized(column, 8, "timestamptz").loadUnaligned(as: Int64.self).bigEndian)
    }

    /// text[] of one dimension without NULLs.
    public func texts(_ column: Int) throws -> [String] {
        let bytes = try bytes(of: column)
        func integer(_ offset: Int) throws -> Int {
            guard offset + 4 <= bytes.count else {
                throw PostgresError.unexpectedResult("column \(column) is not an array")
            }
            return Int(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self).bigEndian)
        }
        guard try integer(0) > 0 else { return [] }
        var texts: [String] = []
        var offset = 20
        for _ in 0..<max(0, try integer(12)) {
            let length = try integer(offset)
            guard length >= 0, offset + 4 + length <= bytes.count else {
                throw PostgresError.unexpectedResult("column \(column) is not an array of text")
            }
            texts.append(String(decoding: bytes[(offset + 4)..<(offset + 4 + length)], as: UTF8.self))
            offset += 4 + length
        }
        return texts
    }

    private func sized(_ column: Int, _ count: Int, _ type: String) throws -> UnsafeRawBufferPointer {
        let bytes = try bytes(of: column)
        guard bytes.count == count else {
            throw PostgresError.unexpectedResult("column \(column) is not of type \(type)")
        }
        return bytes
    }

    private func bytes(of column: Int) throws -> UnsafeRawBufferPointer {
        let column = Int32(column)
        guard column < PQnfields(result.result), !isNull(Int(column)) else {
            throw PostgresError.unexpectedResult("column \(column) is absent or NULL")
        }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result.result, index, column), count: Int(PQgetlength(result.result, index, column)))
    }
}
