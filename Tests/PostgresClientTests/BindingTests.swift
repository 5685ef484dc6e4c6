import OperatingSystem
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct BindingTests {
    private static let hostile = [
        "", "'; DROP TABLE users_convonet; --", "$1", "\\", "\\'", "%s", "naïve 🙂 日本", "a\nb\tc", "\u{1}\u{7f}",
    ]

    @Test(arguments: hostile) func textComesBackAsItWent(text: String) async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let row = try await connection.query(
            "SELECT \(text), length(\(text)), \(text)::text IS NULL", limit: .seconds(5))[0]
        #expect(try Array(row.text(0).utf8) == Array(text.utf8))
        #expect(try row.int(1) == text.unicodeScalars.count)
        #expect(try !row.bool(2))
    }

    @Test func theStatementsTextHoldsNoValue() {
        let part: Statement = " AND b = \("two")"
        let statement: Statement = "SELECT \("one")\(part) AND c = \(3)"
        #expect(statement.sql == "SELECT $1 AND b = $2 AND c = $3")
    }

    @Test func aNULIsRefusedAndNotCutOff() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        await #expect(throws: PostgresError.server(ServerError(sqlState: "22021"))) {
            try await connection.query("SELECT \("before\0after")", limit: .seconds(5))
        }
        #expect(connection.isReusable)
    }

    @Test func nullIsNotEmpty() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let none: String? = nil
        let row = try await connection.query(
            "SELECT \(none.parameter), \("")::text, \(Int?.none.parameter)::bigint IS NULL", limit: .seconds(5))[0]
        #expect(row.isNull(0))
        #expect(try row.optional(0, row.text) == nil)
        #expect(try row.optional(1, row.text) == "")
        #expect(try row.bool(2))
        #expect(throws: PostgresError.self) { try row.text(0) }
        #expect(throws: PostgresError.self) { try row.text(9) }
    }

    @Test(arguments: [[], [""], ["a", "b,c", "\"{}\"", "NULL", "é\\"], Array(repeating: "x", count: 1000)])
    func listsComeBackAsTheyWent(list: [String]) async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let row = try await connection.query("SELECT \(list), cardinality(\(list))", limit: .seconds(5))[0]
        #expect(try row.texts(0) == list)
        #expect(try row.int(1) == list.count)
    }

    @Test func aListWithNULLIsNoListOfTexts() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let row = try await connection.query("SELECT ARRAY['a', NULL]", limit: .seconds(5))[0]
        #expect(throws: PostgresError.self) { try row.texts(0) }
    }

    @Test(arguments: [
        ("1970-01-01 00:00:00Z", 0), ("1969-12-31 23:59:59.999999Z", -1),
        ("1815-12-10 12:34:56.000001Z", -4_861_682_703_999_999),
        ("2026-02-28 23:59:59.999999Z", 1_772_323_199_999_999), ("infinity", Int64.max), ("-infinity", Int64.min),
    ])
    func timesKeepTheirMicroseconds(text: String, microseconds: Int64) async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let moment = Timestamp(microseconds: microseconds)
        let row = try await connection.query(
            "SELECT \(text)::timestamptz, \(moment) = \(text)::timestamptz", limit: .seconds(5))[0]
        #expect(try row.timestamp(0) == moment)
        #expect(try row.bool(1))
        if text.contains("infinity") {
            #expect(moment.rfc3339 == text)
        } else {
            let digits = text.replacing(" ", with: "T").dropLast()
            #expect(moment.rfc3339.hasPrefix(digits))
        }
    }

    @Test func bytesAndNumbersAndBooleans() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let row = try await connection.query(
            """
            SELECT decode('00ff10', 'hex'), ''::bytea, (-32768)::int2, (-2147483648)::int4, \(Int.min), \(true), NOT \(true)
            """, limit: .seconds(5))[0]
        #expect(try row.bytes(0) == [0, 255, 16])
        #expect(try row.bytes(1) == [])
        #expect(try row.int(2) == -32768)
        #expect(try row.int(3) == -2_147_483_648)
        #expect(try row.int(4) == Int.min)
        #expect(try row.bool(5))
        #expect(try !row.bool(6))
        #expect(throws: PostgresError.self) { try row.timestamp(2) }
    }
}
