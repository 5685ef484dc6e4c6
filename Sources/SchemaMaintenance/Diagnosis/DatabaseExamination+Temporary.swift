import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Whether temporary passwords are ended when their time is over; nothing is said where they are, nor to who may not ask.
    static func temporaryPasswords(
        _ connection: PostgresConnection, _ installation: Installation
    ) async throws -> [Finding] {
        guard installation.version == SchemaVersion.current, try await mayAsk("overdue_passwords()", connection) else {
            return []
        }
        let count = try await connection.query("SELECT convonet_admin.overdue_passwords()", limit: .seconds(10)).first?
            .int(0)
        guard let count, count > 0 else { return [] }
        return [
            Finding(
                "temporary-passwords", .problem,
                "The time of \(count) temporary password\(count == 1 ? "" : "s") was over 15 minutes ago or more, and nobody ended "
                    + "\(count == 1 ? "it" : "them").",
                mend:
                    "Start convonet-self-service, or let a timer run “convonet-admin tidy” (docs/INSTALL.md). If one does, the "
                    + "application's code may be in the way: “convonet-admin audit list --action expire_password”, and the "
                    + "server's log.")
        ]
    }
}
