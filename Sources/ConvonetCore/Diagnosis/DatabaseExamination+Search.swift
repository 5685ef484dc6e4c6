import PostgresClient

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
                    "The search index is unfinished or still being built: it slows writes and speeds up nothing.",
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
}
