import ConvonetCore
import ConvonetDatabase
import PostgresClient
import SearchText

extension DatabaseExamination {
    /// A table of so many bytes, about 100,000 people, is read in a moment.
    private static let smallTable = 20_000_000

    /// Whether searches have their index, or what they do without.
    static func search(_ connection: PostgresConnection, _ table: QualifiedName) async throws -> [Finding] {
        let found = try await SearchIndexInspection.inspect(connection, table)
        if found.isIndexValid, !found.hasEverybody {
            return [
                Finding(
                    "search", .warning,
                    "In \(table), a name, username or e-mail address may be NULL, which the search index does not cover, so "
                        + "searches read the whole table.",
                    mend: "Ask the application's team to make email, username, first_name and last_name NOT NULL.")
            ]
        }
        if found.isIndexValid { return [Finding("search", "The search index is built.")] }
        if found.isIndexThere {
            return [
                Finding(
                    "search", .warning,
                    "The search index is of an earlier version, was not built to its end, or is being built: it costs writes and serves nobody.",
                    mend:
                        "Run “convonet-admin migrate --search-index” again, or --drop-search-index, as \(found.tableOwner)."
                )
            ]
        }
        if found.tableBytes < smallTable {
            return [Finding("search", "There is no search index; \(found.sizeText) does not need one.")]
        }
        return [
            Finding(
                "search", .warning, "Without an index every search reads \(found.sizeText).",
                mend: found.isUTF8
                    ? "Run “convonet-admin migrate --search-index” as \(found.tableOwner); it does not block the application."
                    : "The index needs a database in UTF8.")
        ]
    }
    /// Whether self-service finds an address that is not written as it is stored, or that nobody has, without reading the
    /// whole table; where anybody serves.
    static func addresses(_ connection: PostgresConnection, _ table: QualifiedName, _ installation: Installation?)
        async throws -> [Finding]
    {
        let group = installation?.roles?.name(.selfservice) ?? ""
        // Of a column of another type there are casts between.
        let expression = Statement(trusted: "'\(LetterCase.lower("email"))'")
        let bare = { (text: Statement) -> Statement in "replace(translate(\(text), '() ', ''), '::text', '')" }
        let rows = try await connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_auth_members b JOIN pg_roles g ON g.oid = b.roleid WHERE g.rolname = \(group)),
                   EXISTS (SELECT FROM pg_index x WHERE x.indrelid = \(table.catalogued) AND x.indisvalid AND x.indpred IS NULL
                           AND \(bare("pg_get_indexdef(x.indexrelid, 1, false)")) = \(bare(expression)))
            """, limit: .seconds(10))
        guard let row = rows.first, try row.bool(0) else { return [] }
        let found = try await SearchIndexInspection.inspect(connection, table)
        if try row.bool(1) { return [Finding("addresses", "Addresses are looked up by an index.")] }
        if found.tableBytes < smallTable {
            return [
                Finding("addresses", "There is no index to look addresses up by, and \(found.sizeText) needs none.")
            ]
        }
        let how = found.parts.isEmpty ? "CREATE INDEX CONCURRENTLY" : "while nobody writes to it, CREATE INDEX"
        return [
            Finding(
                "addresses", .warning,
                "Whoever asks for a link by an address in another spelling, or by one that nobody has, has the server read "
                    + "\(found.sizeText).",
                mend: "As \(found.tableOwner): \(how) ON \(table.quoted) (\(LetterCase.lower("email")));")
        ]
    }
}
