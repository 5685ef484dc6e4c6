import ConvonetDatabase
import ConvonetSchema
import PostgresClient

extension DatabaseExamination {
    /// What self-service refused so often that it was only counted; nothing is said where that is nothing, nor to who may not ask.
    static func refusals(_ connection: PostgresConnection, _ installation: Installation) async throws -> [Finding] {
        guard installation.version == SchemaVersion.current,
            try await mayAsk("untold_refusals()", connection)
        else { return [] }
        let count = try await connection.query("SELECT convonet_admin.untold_refusals()", limit: .seconds(10)).first?
            .int(0)
        guard let count, count > 0 else { return [] }
        return [
            Finding(
                "refusals", .warning,
                "Self-service refused so much within an hour that \(count) attempts are only counted, and not in the log.",
                mend: "Find out who asks: the server's log has a line for each, and so has that of what is in front of "
                    + "convonet-self-service. If others know the service's database password, change it. The next event of "
                    + "self-service after that hour brings the number into the log. If so many are usual: “convonet-admin policy "
                    + "set self_service_refusals_per_hour=NUMBER”.")
        ]
    }

    /// Whether the log's head is that of its newest event; nothing is said where it is, nor to who may not ask.
    static func logEnd(_ connection: PostgresConnection, _ schema: SchemaReading) async throws -> [Finding] {
        let end: LogEndInspection?
        if try await mayRead(LogEndInspection.tables, connection) {
            end = try await LogEndInspection.inspect(connection, schema)
        } else if try await mayAsk("log_end()", connection) {
            end = try await LogEndInspection.ask(connection)
        } else {
            return []
        }
        guard let fault = end?.fault else { return try await toldRows(connection, schema) }
        return [Finding("log-end", .problem, fault.message, mend: fault.mend)]
    }

    /// Whether what is kept of accounts is what a whole log tells.
    private static func toldRows(_ connection: PostgresConnection, _ schema: SchemaReading) async throws -> [Finding] {
        let told: ToldRowsInspection?
        if try await mayRead(ToldRows.tables, connection) {
            told = try await ToldRowsInspection.inspect(connection, schema)
        } else if try await mayAsk("told_rows()", connection) {
            told = try await ToldRowsInspection.ask(connection)
        } else {
            return []
        }
        guard let fault = told?.fault else { return [] }
        return [Finding("log-rows", .problem, fault.message, mend: fault.mend)]
    }

    /// Whether these tables are there and may be read.
    private static func mayRead(_ tables: [String], _ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT count(*) FILTER (WHERE has_table_privilege(c.oid, 'SELECT')) = \(tables.count) FROM pg_class c
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relname = ANY (\(tables))
            """, limit: .seconds(5)
        ).first?.bool(0) ?? false
    }

    /// Whether this user may call a function of the schema. A superuser or who makes roles calls none.
    static func mayAsk(_ function: String, _ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT coalesce(has_function_privilege(to_regprocedure('convonet_admin.' || \(function)), 'EXECUTE'), false)
                   AND NOT (SELECT r.rolsuper OR r.rolcreaterole FROM pg_roles r WHERE r.rolname = current_user)
            """, limit: .seconds(5)
        ).first?.bool(0) ?? false
    }
}
