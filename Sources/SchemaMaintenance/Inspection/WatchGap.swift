import ConvonetDatabase
import ConvonetSchema
import PostgresClient

/// What of the application's table keeps the trigger that watches direct changes from noting all of them, though it is there.
struct WatchGap: Equatable, Sendable {
    /// Whether nothing at all is noted; else whoever wrote it could change something behind what was noted.
    var isBlind: Bool
    /// A sentence.
    var message: String
    /// What closes it.
    var mend: String

    static func inspect(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> [WatchGap] {
        try await blind(connection, users) + late(connection, users)
    }

    private static func blind(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> [WatchGap] {
        let table = users.catalogued
        let columns = try await connection.query(
            """
            SELECT DISTINCT u.text FROM (SELECT \(table) AS oid UNION SELECT p.relid FROM pg_partition_tree(\(table)) p) r
            CROSS JOIN LATERAL (\(Statement(trusted: WatchedColumns.unread(of: "r.oid")))) AS u (text) ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
        guard !columns.isEmpty else { return [] }
        return [
            WatchGap(
                isBlind: true,
                message:
                    "Changes made outside the console are not logged: the trigger does not read columns of \(users) with "
                    + "types of the application's own (\(columns.joined(separator: ", "))).",
                mend: "Ask the application's team to give them the types that PostgreSQL has: text, uuid, boolean.")
        ]
    }

    /// Triggers that change a row after ours saw it. On an ordinary table there is none: there ours comes after the change.
    /// Elsewhere it comes before it, in the order of names; and where a row moves to another partition, it is inserted there.
    ///
    /// Of tgtype 1 is for each row, 2 before, 4 on INSERT, 16 on UPDATE (pg_trigger.h). What a partition has of its parent's
    /// is named with the parent, unless only the partition's has such a name.
    private static func late(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> [WatchGap] {
        let ours = DirectChangeTrigger.name
        return try await connection.query(
            """
            SELECT t.tgname::text, c.oid::regclass::text, t.tgtype & 16 <> 0
            FROM pg_partition_tree(\(users.catalogued)) p JOIN pg_class c ON c.oid = p.relid JOIN pg_trigger t ON t.tgrelid = c.oid
            LEFT JOIN pg_trigger o ON o.oid = t.tgparentid
            WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 3 = 3
                AND (t.tgtype & 16 <> 0 AND t.tgname > \(ours)::name AND (o.oid IS NULL OR o.tgname <= \(ours)::name)
                     OR t.tgtype & 4 <> 0 AND o.oid IS NULL)
            ORDER BY 1, 2
            """, limit: .seconds(30)
        ).map { row in
            let (name, table) = (QualifiedName.quote(try row.text(0)), try row.text(1))
            let change =
                "The trigger \(name) on \(table) comes after the one that logs changes made outside the console"
            guard try row.bool(2) else {
                return WatchGap(
                    isBlind: false,
                    message: "\(change), where a row moves to another partition: what it changes then is not logged.",
                    mend: "Check its function: it must not change password_hash, voice_pin or is_active.")
            }
            return WatchGap(
                isBlind: false, message: "\(change): what it changes is not logged.",
                mend: "As the table's owner, let it come first: ALTER TRIGGER \(name) ON \(table) RENAME TO "
                    + "\(QualifiedName.quote("a_\(try row.text(0).prefix(50))"));")
        }
    }
}
