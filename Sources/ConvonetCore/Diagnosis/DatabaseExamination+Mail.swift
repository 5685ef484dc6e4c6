import PostgresClient

extension DatabaseExamination {
    /// Whether queued mail will be sent; nothing is said to somebody who may not see the queue, nor to a superuser or who
    /// makes roles: they call no function of the schema.
    static func mail(_ connection: PostgresConnection) async throws -> [Finding] {
        let may = try await connection.query(
            """
            SELECT coalesce(has_function_privilege(to_regprocedure('convonet_admin.mail_state()'), 'EXECUTE'), false)
                   AND NOT (SELECT r.rolsuper OR r.rolcreaterole FROM pg_roles r WHERE r.rolname = current_user)
            """, limit: .seconds(5))
        guard try may.first?.bool(0) == true else { return [] }
        let state = try MailState(of: try await connection.query(MailState.statement, limit: .seconds(10)))
        if state.isAsking { return [Finding("mail", "E-mail is being sent; \(state.waiting) waiting.")] }
        if state.waiting == 0 {
            return [Finding("mail", "No e-mail is waiting, and convonet-self-service is not running.")]
        }
        return [
            Finding(
                "mail", .problem, "\(state.waiting) e-mails are waiting, but convonet-self-service is not running.",
                mend: "Start convonet-self-service (docs/SELF-SERVICE.md), or check its log.")
        ]
    }
}
