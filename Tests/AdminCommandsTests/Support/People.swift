import PostgresClient
import TestDatabase

extension TestDatabase {
    /// The e-mail address of somebody with a password and, unless told, active and with a voice PIN.
    func person(where condition: String = "is_active AND voice_pin IS NOT NULL") async throws -> String {
        try await sql(
            "SELECT email FROM users_convonet WHERE password_hash LIKE '$2b$%' AND \(condition) ORDER BY email LIMIT 1")
    }

    /// Somebody who signs in elsewhere.
    func outsider() async throws -> String {
        try await sql(
            "SELECT email FROM users_convonet WHERE password_hash = 'FRONTEGG_SSO_USER' ORDER BY email LIMIT 1")
    }

    /// One column of one person.
    func value(_ column: String, of email: String) async throws -> String {
        try await sql("SELECT \(column) FROM users_convonet WHERE email = '\(email.replacing("'", with: "''"))'")
    }

    /// Outcome and rule of every event, oldest first, as `done:` or `refused:pin_date`.
    func events() async throws -> [String] {
        try await sql("SELECT outcome || ':' || coalesce(rule, '') FROM convonet_admin.audit_event ORDER BY sequence")
            .split(separator: "\n").map(String.init)
    }
}
