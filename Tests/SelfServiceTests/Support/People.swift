import ConvonetCore
import Credentials
import SelfServiceCore
import TestDatabase

/// Somebody with a password of least cost that the test knows.
struct Person {
    let id: String
    let email: String

    static let password = "the-old-one-19"
}

extension TestDatabase {
    /// A database whose policy is quick to hash by, with somebody in it who may sign in.
    static func withPerson() async throws -> (TestDatabase, Person) {
        let database = try await make()
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 10")
        return (database, try await database.person())
    }

    /// The person of this number, with the password that the test knows.
    func person(_ number: Int = 0) async throws -> Person {
        let hash = try BcryptHasher(cost: 10).hash(Secret(copying: Person.password)).text
        let row = try await sql(
            """
            UPDATE users_convonet SET password_hash = '\(hash)' WHERE id = (
                SELECT id FROM users_convonet WHERE is_active AND password_hash LIKE '$2%' ORDER BY email
                OFFSET \(number) LIMIT 1) RETURNING id, email
            """
        ).split(separator: "\n")[0].split(separator: "|")
        return Person(id: String(row[0]), email: String(row[1]))
    }

    /// Whether the application's login would take the password.
    func signsIn(_ person: Person, with password: String) async throws -> Bool {
        let hash = try await sql("SELECT password_hash FROM users_convonet WHERE id = '\(person.id)'")
        return BcryptHasher.verify(Secret(copying: password), against: try PasswordHash(parsing: hash))
    }

    /// The token of a link as its mail would carry it, without any mail.
    func token(for person: Person) async throws -> String {
        let token = ResetToken()
        let hash = token.hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try await sql(
            """
            INSERT INTO convonet_admin.reset_token
                (account_id, address, requested_by, db_user, password_fingerprint, created_at, token_hash, expires_at)
            SELECT id, email, 'self', 'tests', convonet_admin.password_fingerprint(password_hash), now(),
                   decode('\(hash)', 'hex'), now() + interval '1 hour'
            FROM users_convonet WHERE id = '\(person.id)'
            """)
        return token.text
    }
}

/// An access token as the application makes it with PyJWT, or one that is wrong in one way.
func accessToken(_ account: String, _ way: String = "right") async throws -> String {
    String(try await Tool.python("access_token.py", [RunningService.tokenKey, account, way]).filter { !$0.isNewline })
}
