package import PostgresClient

/// Which version of the schema this program needs, and which installations it works on.
package enum SchemaVersion {
    /// The version that this program needs.
    package static let current = 12
    /// The first with a role that reads teams and telephone numbers.
    package static let withReader = 10
    /// The oldest program, by the version that it needs, that works on what this one installs. It is raised where something
    /// that programs use goes or changes its meaning, and stays where a version only adds: then fifty operators need not
    /// upgrade in the same minute.
    package static let servesFrom = 5

    /// The version that an installation `i` counts as for this program: a newer one that serves it, as its own. An older one may
    /// lack the column.
    package static let regarded: Statement = """
        CASE WHEN i.schema_version > \(current)::integer AND (to_jsonb(i) ->> 'serves_from')::integer <= \(current)::integer \
        THEN \(current)::integer ELSE i.schema_version END
        """

    /// Throws where an installation cannot be used.
    package static func check(regarded found: Int) throws(AdminError) {
        if found < current { throw .schemaOlder(found: found, needed: current) }
        if found > current { throw .schemaNewer(found: found, known: current) }
    }
}
