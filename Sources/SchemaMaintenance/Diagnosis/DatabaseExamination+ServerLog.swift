import PostgresClient

extension DatabaseExamination {
    /// Whether the server writes bound parameters, hashes and typed PINs among them, into its own log.
    static func serverLog(_ connection: PostgresConnection) async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT current_setting('log_statement'), current_setting('log_min_duration_statement', true) <> '-1',
                   current_setting('log_min_duration_sample', true) <> '-1'
                       AND current_setting('log_statement_sample_rate', true)::float8 > 0,
                   current_setting('log_transaction_sample_rate', true)::float8 > 0,
                   coalesce(current_setting('log_parameter_max_length', true), '-1') <> '0',
                   coalesce(current_setting('log_parameter_max_length_on_error', true), '0') <> '0',
                   coalesce(current_setting('auto_explain.log_min_duration', true), '-1') <> '-1'
                       AND (current_setting('auto_explain.log_nested_statements', true) = 'on'
                            OR coalesce(current_setting('auto_explain.log_parameter_max_length', true), '0') <> '0')
            """, limit: .seconds(10))
        guard let row = rows.first else { return [] }
        let ways = [
            try row.text(0) == "all" ? "every statement (log_statement = all)" : nil,
            try row.bool(1) ? "slow statements (log_min_duration_statement)" : nil,
            try row.bool(2) ? "a sample of statements (log_min_duration_sample)" : nil,
            try row.bool(3) ? "a sample of transactions (log_transaction_sample_rate)" : nil,
        ].compactMap { $0 }
        var found: [Finding] = []
        if !ways.isEmpty, try row.bool(4) {
            found.append(
                Finding(
                    "server-log", .warning,
                    "The server logs \(ways.joined(separator: ", ")) with parameters: its log gets typed PINs and password hashes.",
                    mend: "As a superuser: ALTER SYSTEM SET log_parameter_max_length = 0; SELECT pg_reload_conf(). "
                        + "Until then, issue PINs instead of typing them."))
        }
        if try row.bool(5) {
            found.append(
                Finding(
                    "server-log", .warning, "The server logs the parameters of statements that fail.",
                    mend:
                        "As a superuser: ALTER SYSTEM SET log_parameter_max_length_on_error = 0; SELECT pg_reload_conf()."
                ))
        }
        if try row.bool(6) {
            found.append(
                Finding(
                    "server-log", .warning,
                    "The server logs plans of slow statements with their values (auto_explain): its log gets hashes and PINs, also issued ones.",
                    mend: "As a superuser: ALTER SYSTEM SET auto_explain.log_nested_statements = off, and from "
                        + "PostgreSQL 16 on auto_explain.log_parameter_max_length = 0; SELECT pg_reload_conf()."))
        }
        return found.isEmpty ? [Finding("server-log", "The server does not log parameters.")] : found
    }
}
