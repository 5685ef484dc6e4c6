import ConvonetCore
import ConvonetDatabase
import PostgresClient

extension UsersTableInspection {
    /// The columns that our functions set.
    static let written = WrittenColumn.all.map(\.name) + ["updated_at"]

    /// Those of them that a role has no right of its own to write.
    static func unwritable(
        _ connection: PostgresConnection, _ users: QualifiedName, by role: String
    ) async throws -> [String] {
        try await connection.query(
            """
            SELECT w.name FROM unnest(\(written)) WITH ORDINALITY w (name, place) WHERE NOT EXISTS (
                SELECT FROM pg_attribute a, aclexplode(a.attacl) x JOIN pg_roles r ON r.oid = x.grantee
                WHERE a.attrelid = \(users.catalogued) AND a.attname = w.name AND r.rolname = \(role)
                    AND x.privilege_type = 'UPDATE')
            ORDER BY w.place
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
    }

    /// Why columns will not do though they are there, each a sentence with what mends it: nobody can set what is generated, and
    /// two rows of one id would be one account. Of a partitioned table PostgreSQL promises that only with the partition key.
    static func columnFaults(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> [String] {
        let generated = try await connection.query(
            """
            SELECT a.attname::text, a.attgenerated::text FROM pg_attribute a
            WHERE a.attrelid = \(users.catalogued) AND a.attname = ANY (\(written)) AND a.attgenerated <> '' ORDER BY a.attnum
            """, limit: .seconds(30)
        ).map { row in
            let column = QualifiedName.quote(try row.text(0))
            return
                "The column \(try row.text(0)) of \(users) is generated, and nobody can set it. Ask the application's team to make "
                + "it an ordinary one: ALTER TABLE \(users.quoted) "
                + (try row.text(1) == "s"
                    ? "ALTER COLUMN \(column) DROP EXPRESSION;"
                    : "DROP COLUMN \(column), and ADD COLUMN with its values;")
        }
        return try await generated
            + connection.query(
                """
                SELECT a.attnotnull OR t.typnotnull,
                       c.relkind = 'p' OR EXISTS (
                           SELECT FROM pg_index x WHERE x.indrelid = a.attrelid AND x.indisunique AND x.indisvalid AND x.indisready
                               AND x.indnkeyatts = 1 AND x.indkey[0] = a.attnum AND x.indpred IS NULL)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = \(users.catalogued) AND a.attname = 'id' AND NOT a.attisdropped
                """, limit: .seconds(30)
            ).flatMap { row in
                let (isNotNull, isUnique) = (try row.bool(0), try row.bool(1))
                return [
                    isNotNull
                        ? nil
                        : "The column id of \(users) may be NULL, and nobody could change such an account. Ask the application's team "
                            + "to forbid that: ALTER TABLE \(users.quoted) ALTER COLUMN id SET NOT NULL;",
                    isUnique
                        ? nil
                        : "Two rows of \(users) may have the same id, and a change of one would change both. Ask the application's "
                            + "team to forbid that: ALTER TABLE \(users.quoted) ADD UNIQUE (id);",
                ].compactMap { $0 }
            }
    }

    /// Whether no two rows can have one PIN. The functions look before they write, which two at the same moment both can.
    static func arePINsUnique(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> Bool {
        let rows = try await connection.query(
            """
            SELECT c.relkind = 'p' OR EXISTS (
                SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
                WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indnkeyatts = 1 AND a.attname = 'voice_pin'
                AND (x.indpred IS NULL OR pg_get_expr(x.indpred, x.indrelid) = '(voice_pin IS NOT NULL)'))
            FROM pg_class c WHERE c.oid = \(users.catalogued)
            """, limit: .seconds(30))
        return try rows.first?.bool(0) ?? true
    }
}
