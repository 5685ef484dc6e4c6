import ConvonetCore
import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Whether queued mail will be sent; nothing is said to who may not ask.
    static func mail(_ connection: PostgresConnection, _ installation: Installation) async throws -> [Finding] {
        guard installation.version == SchemaVersion.current, try await mayAsk("mail_state()", connection) else {
            return []
        }
        let state = try MailState(of: try await connection.query(MailState.statement, limit: .seconds(10)))
        return mail(state) + (try await textCodes(connection, installation, state))
    }

    private static func mail(_ state: MailState) -> [Finding] {
        if state.isFull {
            return [
                Finding(
                    "mail", .problem,
                    "\(state.waiting) e-mails are waiting, and no more is queued: links and callers' codes are refused, and notices of "
                        + "changes are left out.\(state.lastFailure.map { " The newest could not be sent: \($0)." } ?? "")",
                    mend: "Start convonet-self-service (docs/SELF-SERVICE.md), or look at its mail program.")
            ]
        }
        if state.isAsking, state.failing > 0 {
            return [
                Finding(
                    "mail", .warning,
                    "E-mail is being sent; \(state.waiting) waiting, of which \(state.failing) could not be sent yet, the newest: "
                        + "\(state.lastFailure ?? "no reason given"). It is tried again.",
                    mend:
                        "Look at the mail program (sendmail in the settings of convonet-self-service), and at its log.")
            ]
        }
        if state.isAsking { return [Finding("mail", "E-mail is being sent; \(state.waiting) waiting.")] }
        if state.waiting == 0 {
            return [
                Finding(
                    "mail",
                    "No e-mail is waiting. convonet-self-service is not running, so no link or code can be sent (docs/SELF-SERVICE.md)."
                )
            ]
        }
        return [
            Finding(
                "mail", .problem,
                "\(state.waiting == 1 ? "1 e-mail is" : "\(state.waiting) e-mails are") waiting, but convonet-self-service is not running.",
                mend: "Start convonet-self-service (docs/SELF-SERVICE.md), or check its log.")
        ]
    }
}
