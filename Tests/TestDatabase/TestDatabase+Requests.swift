package import ConvonetCore
package import Credentials
import PostgresClient

extension TestDatabase {
    /// The triggers on the application's tables.
    package static let triggers =
        "SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'users_convonet'::regclass"

    /// A migrated database whose policy takes the cheapest hashes that there are.
    package static func quick(_ template: Template = .migrated) async throws -> TestDatabase {
        let database = try await make(template)
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 10")
        return database
    }

    /// A database with a log of so many events: one person's PIN cleared, everybody else's reason as given.
    package static func withLog(_ count: Int, reason: String = "r") async throws -> TestDatabase {
        let database = try await quick()
        let desk = try await database.session()
        for person in try await desk.people(count) {
            _ = try await desk.changes.perform(
                AccountChange(
                    account: person, action: .clearPIN, context: ChangeContext(reason: reason, ticket: "T-1")))
        }
        return database
    }

    /// Runs SQL by psql as one of the users.
    @discardableResult
    package func sql(_ text: String, as user: User) async throws -> String {
        try await cluster.sql(text, database: name, user: user.rawValue)
    }

    /// What psql says where the server refuses the SQL of this user, or of the superuser; nil where it does not.
    package func refusal(of text: String, as user: User? = nil) async -> String? {
        do {
            try await cluster.sql(text, database: name, user: user?.rawValue)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Prepares the transaction under a name that no other test has: the names are the whole server's, and one that is taken is
    /// refused before our reasons are.
    package var prepareTransaction: String { "PREPARE TRANSACTION '\(name)';" }

    /// A column of the application's table, as the application sees it.
    package func stored(_ column: String, of account: Account) async throws -> String {
        try await sql("SELECT coalesce(\(column)::text, 'NULL') FROM users_convonet WHERE id = '\(account.idText)'")
    }

    /// The whole log, oldest first.
    package func log() async throws -> [AuditEvent] {
        try await session(.auditor).audit.newest(limit: 1000).reversed()
    }
}

extension AdminSession {
    /// The first people, by e-mail address, of whom this holds.
    package func people(
        _ count: Int, where condition: (Account) -> Bool = { $0.signIn == .password && $0.isActive && $0.hasVoicePIN }
    )
        async throws -> [Account]
    {
        let found = try await accounts.page(of: AccountSelection(), limit: 200).accounts.filter(condition)
        guard found.count >= count else { throw NeverHappened(description: "only \(found.count) people are so") }
        return Array(found.prefix(count))
    }

    /// The first of them.
    package func person(
        where condition: (Account) -> Bool = { $0.signIn == .password && $0.isActive && $0.hasVoicePIN }
    )
        async throws -> Account
    {
        try await people(1, where: condition)[0]
    }
}

extension Secret {
    package static func text(_ text: String) -> Secret { Secret(copying: text) }
}
