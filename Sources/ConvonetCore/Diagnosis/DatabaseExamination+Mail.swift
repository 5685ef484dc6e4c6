import PostgresClient

extension DatabaseExamination {
    /// Whether queued mail will be sent; nothing is said to somebody who may not see the queue.
    static func mail(_ connection: PostgresConnection) async throws -> [Finding] {
        let may = try await connection.query(
            "SELECT coalesce(has_function_privilege(to_regprocedure('convonet_admin.mail_state()'), 'EXECUTE'), false)",
            limit: .seconds(5))
        guard try may.first?.bool(0) == true,
            let row = try await connection.query(MailState.statement, limit: .seconds(10)).first
        else { return [] }
        let state = try MailState(row)
        if state.isAsking { return [Finding("mail", "Mail is being sent; \(state.waiting) wait.")] }
        if state.waiting == 0 { return [Finding("mail", "No mail waits, and no program asks for any.")] }
        return [
            Finding(
                "mail", .problem, "\(state.waiting) mails wait, and no program that sends them is running.",
                mend: "Start convonet-self-service (docs/SELF-SERVICE.md), or see its log where it runs.")
        ]
    }
}
