import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

/// Names and texts of others within SQL, as PostgreSQL reads them.
@Suite(.dropsDatabases) struct QuotingTests {
    @Test(arguments: ["\u{308}", "\u{200D}", "\u{7EF}", "\u{1F3FD}", ""])
    func nothingEndsAQuote(mark: String) async throws {
        let database = try await TestDatabase.make(.empty)
        let pool = try database.pool()
        let name = "t\"\(mark) (a int); --\"'\(mark); SELECT '\\\(mark)'"
        let literal = Statement(trusted: QualifiedName.literal(name))
        let rows = try await pool.query("SELECT \(literal), quote_ident(\(name))")
        #expect(try rows[0].text(0).unicodeScalars.elementsEqual(name.unicodeScalars))
        #expect(try rows[0].text(1).unicodeScalars.elementsEqual(QualifiedName.quote(name).unicodeScalars))
        try await database.sql("CREATE TABLE \(QualifiedName.quote(name)) (b integer)")
        let found = try await pool.query("SELECT relname::text FROM pg_class WHERE relname LIKE 't\"%'")
        #expect(try found.count == 1 && name.hasPrefix(found[0].text(0)))
    }
}
