import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Who else can read or change people past our functions: by a right on the users' table, on a partition or child of it, or on one
    /// that it inherits from; or because such a parent, or a table that writes into it by a foreign key, is theirs.
    static func grants(_ connection: PostgresConnection, _ table: QualifiedName, hand: String?) async throws
        -> [Finding]
    {
        let rows = try await connection.query(
            """
            WITH RECURSIVE up (oid) AS (
                SELECT \(table.catalogued)::oid UNION SELECT h.inhparent FROM up JOIN pg_inherits h ON h.inhrelid = up.oid),
            down (oid) AS (
                SELECT \(table.catalogued)::oid UNION SELECT h.inhrelid FROM down JOIN pg_inherits h ON h.inhparent = down.oid),
            related AS (SELECT oid FROM up UNION SELECT oid FROM down),
            held AS (
                SELECT c.oid, a.grantee, a.privilege_type
                FROM related r JOIN pg_class c ON c.oid = r.oid CROSS JOIN LATERAL (
                    SELECT (aclexplode(c.relacl)).* UNION ALL
                    SELECT (aclexplode(t.attacl)).* FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) a
                WHERE a.grantee <> c.relowner
                UNION ALL SELECT c.oid, c.relowner, 'its owner' FROM related r JOIN pg_class c ON c.oid = r.oid
                UNION ALL SELECT c.oid, c.relowner, 'a foreign key to their table writes or deletes'
                FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid
                WHERE k.contype = 'f' AND k.conrelid IN (SELECT oid FROM down)
                    AND (k.confupdtype IN ('c', 'n', 'd') OR k.confdeltype IN ('c', 'n', 'd')))
            SELECT CASE h.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(h.grantee)::text END,
                   string_agg(DISTINCT h.privilege_type, ', ' ORDER BY h.privilege_type),
                   CASE WHEN h.oid <> \(table.catalogued) THEN h.oid::regclass::text END
            FROM held h JOIN pg_class u ON u.oid = \(table.catalogued) LEFT JOIN pg_roles r ON r.oid = h.grantee
            WHERE h.grantee <> u.relowner AND (h.grantee = 0 OR r.rolname <> \(hand ?? ""))
                AND NOT (r.rolsuper IS TRUE AND h.privilege_type !~ '^[A-Z]')
            GROUP BY h.grantee, h.oid ORDER BY h.oid <> \(table.catalogued), 3, 1
            """, limit: .seconds(10))
        guard !rows.isEmpty else {
            return [Finding("grants", "Only its owner has rights on \(table) itself.")]
        }
        let names = try rows.map { row in
            let relation = try row.optional(2, row.text).map { " on \($0)" } ?? ""
            return "\(try row.text(0)) (\(try row.text(1))\(relation))"
        }
        return [
            Finding(
                "grants", .warning,
                "Others have rights on \(table) itself and can bypass the log: \(names.joined(separator: "; ")).",
                mend:
                    "For each that is not the application: REVOKE ALL ON \(table.quoted) FROM NAME; likewise on another table that "
                    + "is named, or give that to the owner of \(table).")
        ]
    }
}
