import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Who sends tables of ours to whoever subscribes: hashes of links, the log. Nothing is said where nobody does.
    static func publications(_ connection: PostgresConnection) async throws -> [Finding] {
        try await connection.query(
            """
            SELECT o.pubname::text, pg_get_userbyid(o.pubowner)::text, o.puballtables, count(*),
                   (array_agg(p.tablename::text ORDER BY p.tablename))[1:5]
            FROM pg_publication_tables p JOIN pg_publication o ON o.pubname = p.pubname
            WHERE p.schemaname = 'convonet_admin' GROUP BY o.oid, 1, 2, 3 ORDER BY 1
            """, limit: .seconds(10)
        ).map { row in
            let name = QualifiedName.quote(try row.text(0))
            let tables = try row.texts(4).joined(separator: ", ") + (try row.int(3) > 5 ? " and others" : "")
            return Finding(
                "publications", .warning,
                "The publication \(name) of \(try row.text(1)) sends convonet_admin's \(tables) to its subscribers.",
                mend: try row.bool(2)
                    ? "If its subscribers need not have these, publish the others by name: FOR TABLE or FOR TABLES IN SCHEMA."
                    : "If its subscribers need not have them, as its owner: ALTER PUBLICATION \(name) DROP …, or DROP PUBLICATION \(name);"
            )
        }
    }
}
