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
                    "A name, username or e-mail address of \(table) may be NULL, which the search index does not have, so "
                        + "searches read the whole table.",
                    mend: "Have the application's team set email, username, first_name and last_name NOT NULL.")
            ]
        }
        if found.isIndexValid { return [Finding("search", "The search index is there.")] }
        if found.isIndexThere {
            return [
                Finding(
                    "search", .warning,
                    "The search index was not built to its end, or is being built: it costs writes and serves nobody.",
                    mend:
                        "Run “convonet-admin migrate --search-index” again, or --drop-search-index, as \(found.tableOwner)."
                )
            ]
        }
        if found.tableBytes < smallTable {
            return [Finding("search", "There is no search index, and \(found.sizeText) needs none.")]
        }
        return [
            Finding(
                "search", .warning, "Without an index every search reads \(found.sizeText).",
                mend: found.isUTF8
                    ? "Run “convonet-admin migrate --search-index” as \(found.tableOwner); the application goes on writing."
                    : "The index needs a database in UTF8.")
        ]
    }
}
