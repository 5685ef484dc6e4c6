import ConvonetCore
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

extension TestDatabase {
    /// A database where what staff issue is good for an hour.
    static func withTemporaryPasswords() async throws -> TestDatabase {
        let database = try await quick()
        try await database.setPolicy("temporary_password_hours = 1")
        return database
    }

    /// Lets time pass for what was issued, and for what it took the place of.
    func pass(minutes: Int) async throws {
        let pause = "interval '\(minutes) minutes'"
        try await sql(
            """
            UPDATE convonet_admin.temporary_password SET issued_at = issued_at - \(pause), expires_at = expires_at - \(pause),
                next_try_at = next_try_at - \(pause), taken_until = taken_until - \(pause);
            UPDATE convonet_admin.replaced_credential SET expires_at = expires_at - \(pause)
            """)
    }

    /// What the application's own check says of a password, in Python.
    func applicationAccepts(_ password: Secret, of person: Account) async throws -> Bool {
        let bytes = password.revealedText().utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let answers = try ApplicationLibrary.ask(["check \(bytes) \(try await stored("password_hash", of: person))"])
        return answers == ["True"]
    }

    /// What the application is told by its view: in how many minutes the password ends, or ended; nil where it is not temporary.
    func minutesLeft(of person: Account) async throws -> Int? {
        let state = try await sql(
            """
            SELECT must_change, ceil(extract(epoch FROM until - clock_timestamp()) / 60) FROM convonet_admin.password_state
            WHERE account_id = '\(person.idText)'
            """)
        guard !state.isEmpty else { return nil }
        #expect(state.hasPrefix("t|"))
        return Int(state.dropFirst(2))
    }

    /// What is kept of temporary passwords: which of them has run out.
    func temporaryRows() async throws -> String {
        try await sql(
            """
            SELECT coalesce(string_agg((expired_at IS NOT NULL)::text, ' ' ORDER BY expires_at), '')
            FROM convonet_admin.temporary_password
            """)
    }

    /// Lets a program have asked for mail.
    func haveMailSent() async throws {
        #expect(try await selfService().nextMail() == nil)
    }
}

extension AdminSession {
    /// A password that was generated for somebody.
    func newPassword(for person: Account) async throws -> Secret {
        try #require(try await perform(.generatePassword, on: person).newSecret)
    }
}
