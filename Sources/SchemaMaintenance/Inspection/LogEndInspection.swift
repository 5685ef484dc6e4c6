import ConvonetDatabase
import ConvonetSchema
import PostgresClient

/// Whether the log's head is that of its newest event; a restore can bring back one of the two alone.
struct LogEndInspection: Equatable, Sendable {
    /// The number that the head holds.
    var head: Int
    /// The number of the newest event; 0 where there is none.
    var newest: Int
    /// Whether number and hash of both are the same.
    var isWhole: Bool
    /// Whether the head is on the way to the newest event, and can follow the others.
    var isBehind: Bool

    /// The tables that are compared.
    static let tables = ["audit_event", "audit_head"]

    /// For who may read them; nil where the head has no row.
    static func inspect(_ connection: PostgresConnection, _ schema: SchemaReading) async throws -> Self? {
        try Self(await schema.query(Statement(trusted: LogEnd.query), of: tables, connection))
    }

    /// The same for who may call functions, but not read the log.
    static func ask(_ connection: PostgresConnection) async throws -> Self? {
        try Self(
            await connection.query(
                "SELECT head, newest, is_whole, is_behind FROM convonet_admin.log_end()", limit: .seconds(30)))
    }

    init(head: Int, newest: Int, isWhole: Bool, isBehind: Bool) {
        (self.head, self.newest, self.isWhole, self.isBehind) = (head, newest, isWhole, isBehind)
    }

    private init?(_ rows: QueryResult) throws {
        guard let row = rows.first else { return nil }
        self.init(head: try row.int(0), newest: try row.int(1), isWhole: try row.bool(2), isBehind: try row.bool(3))
    }

    /// What is wrong, and what to do about it; nil where nothing is.
    var fault: (message: String, mend: String)? {
        if isWhole { return nil }
        let place = "docs/AUDIT.md, “After a restore”"
        if isBehind {
            return (
                "The log's head is that of event \(head), but its newest event is \(newest), so every change fails: an older "
                    + "head was restored, or somebody added events past the program.",
                "Hold the log against what was kept elsewhere (convonet-admin audit verify --checkpoint FILE, --journal FILE). If only "
                    + "the head is wrong, “convonet-admin migrate --follow-log” lets it follow the events; see \(place)."
            )
        }
        if newest < head {
            return (
                "The log's head is that of event \(head), but its newest event is \(newest): the events after it were lost.",
                "Find out who lost them, and put them back from a backup that has them; see \(place)."
            )
        }
        return (
            "The log's head, of event \(head), belongs to another log than its events, of which \(newest) is the newest.",
            "Restore the tables audit_head and audit_event from the same backup; see \(place)."
        )
    }
}
