import ConvonetDatabase
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
        let mayRead = try await connection.query(
            """
            SELECT coalesce(bool_and(has_table_privilege(c.oid, 'SELECT')), false) FROM pg_class c
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relname IN ('audit_event', 'audit_head')
            """, limit: .seconds(5)
        ).first?.bool(0)
        let end: LogEndInspection?
        if mayRead ?? false {
            end = try await LogEndInspection.inspect(connection, schema)
        } else if try await mayAsk("log_end()", connection) {
            end = try await LogEndInspection.ask(connection)
        } else {
            return []
        }
        guard let fault = end?.fault else { return [] }
        return [Finding("log-end", .problem, fault.message, mend: fault.mend)]
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
