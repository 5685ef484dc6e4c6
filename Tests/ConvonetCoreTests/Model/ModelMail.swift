import PostgresClient

/// A mail as the mail program has it.
struct ModelMail: Sendable {
    var kind: String
    var address: String
    var action: String
    let token: ModelToken
    /// What a caller reads back, where it is a code.
    var code: ModelToken?
    /// Whether the mail program took it.
    let isTaken: Bool
}

extension ModelDatabase {
    /// Takes the mail that is due next, and ends it; nil where none is.
    func takeMail(isTaken: Bool) async throws -> ModelMail? {
        let token = ModelToken()
        let claims = Parameter.jsonb("{\"sends_codes\": true, \"sends_pin_links\": true, \"sends_approvals\": true}")
        while true {
            let hash = token.parameter
            let rows = try await sessions.person.change(
                "SELECT id, attempt, kind, address, action FROM convonet_admin.self_take_mail(\(hash), \(claims))"
            ).rows
            guard let row = rows.first else { return nil }
            guard let id = try row.optional(0, row.int) else { continue }
            let attempt = try row.int(1)
            var mail = ModelMail(
                kind: try row.text(2), address: try row.text(3), action: try row.optional(4, row.text) ?? "",
                token: token, isTaken: isTaken)
            if mail.kind == "caller_code" {
                let code = ModelToken()
                let (key, proof) = (ModelToken().parameter, code.parameter)
                _ = try await sessions.person.change(
                    "SELECT convonet_admin.self_store_caller_code(\(id), \(attempt)::integer, \(key), sha256(\(proof)))"
                )
                mail.code = code
            }
            _ = try await sessions.person.change(
                "SELECT convonet_admin.self_end_mail(\(id), \(attempt)::integer, \(isTaken ? "sent" : "failed"), '')")
            return mail
        }
    }

    /// Ends what is over, as a timer does it, or self-service.
    func tidy(bySelfService: Bool) async throws {
        let pool = bySelfService ? sessions.person : sessions.clock
        _ = try await pool.change(
            bySelfService ? "SELECT convonet_admin.self_tidy()" : "SELECT convonet_admin.tidy()")
        while true {
            let due = try await pool.change("SELECT convonet_admin.take_due_password()").rows
            guard let account = try due.first.flatMap({ try $0.optional(0, $0.uuid) }) else { return }
            _ = try await pool.change("SELECT convonet_admin.end_due_passwords(\(account))")
        }
    }
}
