package import PostgresClient

/// What the catalogue says of the schema's tables, types and sequences where nobody has changed them.
package enum TableDefinitions {
    /// A line for each column, constraint, index and sequence, as `InstalledState.tables` reads them from the catalogue; written
    /// by script/dump-schema --tables, and compared by a test with what `migrate` makes.
    package static let lines = SchemaSource.tableDefinitions
        .split(separator: "\n").map(String.init)

    /// What the lines are about, by name.
    package static let names = Set(lines.compactMap { $0.split(separator: ":").first?.dropFirst("in ".count) })
        .map(String.init).sorted()

    package static let statement: Statement = "SELECT unnest(\(lines)::text[]) AS line"
}
