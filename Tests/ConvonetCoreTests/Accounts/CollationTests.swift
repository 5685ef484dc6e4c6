import ConvonetCore
import ConvonetDatabase
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// What is compared is compared by its letters, whatever collation the application gave its columns.
@Suite(.dropsDatabases) struct CollationTests {
    /// Takes letters for the same that differ in accents or case.
    private static let loose =
        "CREATE COLLATION public.loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);"
    private static let columns = ["email", "username", "password_hash", "first_name", "last_name", "voice_pin"]

    private func database(collation: String) async throws -> TestDatabase {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            Self.loose
                + Self.columns.map { "ALTER TABLE users_convonet ALTER \($0) TYPE varchar(255) COLLATE \(collation);" }
                .joined()
                + "ALTER TABLE team_memberships_convonet ALTER role TYPE varchar(50) COLLATE \(collation);")
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(
                rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants, watchesDirectChanges: true))
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 10")
        return database
    }

    @Test func lettersThatAColumnTakesForTheSameAreTwo() async throws {
        let database = try await database(collation: "public.loose")
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql(
            "UPDATE users_convonet SET email = 'jose@x.test', username = 'Jose' WHERE id = '\(person.idText)'")
        let service = try database.selfService()
        try await service.requestLink(to: "josé@x.test", from: "192.0.2.1")
        #expect(try await service.nextMail() == nil)
        for address in ["JOSE@X.TEST", "jose@x.test"] {
            #expect(try await database.link(to: address, service).address == "jose@x.test")
        }
        await #expect(throws: AdminError.accountUnknown("josé@x.test")) { try await desk.accounts.find("josé@x.test") }
        #expect(try await desk.accounts.find("JOSE").id == person.id)
        #expect(try await desk.accounts.page(of: AccountSelection(text: "jose@x"), limit: 5).accounts.count == 1)
        try await database.setPolicy("protected_accounts = '{josé@x.test}', protected_domains = '{é.test}'")
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
        // A hash that differs in case alone is another.
        try await database.sql("UPDATE users_convonet SET password_hash = upper(password_hash)", as: .owner)
        #expect(try await database.sql("SELECT count(*) > 100 FROM convonet_admin.direct_change") == "t")
    }

    @Test func rolesInTeamsAreComparedByTheirLetters() async throws {
        let database = try await database(collation: "public.loose")
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql(
            """
            DELETE FROM team_memberships_convonet WHERE user_id = '\(person.idText)';
            INSERT INTO team_memberships_convonet (id, team_id, user_id, role, joined_at, updated_at)
            SELECT gen_random_uuid(), t.id, '\(person.idText)', 'OWNER', now(), now() FROM teams_convonet t LIMIT 1
            """)
        try await database.setPolicy("protected_team_roles = '{ówner}'")
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
        try await database.setPolicy("protected_team_roles = '{Owner}'")
        #expect(try await desk.perform(.clearPIN, on: person).rule == "approval_required")
    }

    /// In Turkish the small letter of I has no dot.
    @Test func aLocaleWithOtherSmallLettersFindsTheSame() async throws {
        let database = try await database(collation: "\"tr-x-icu\"")
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql(
            "UPDATE users_convonet SET email = 'INFO@IX.TEST', username = 'INFO' WHERE id = '\(person.idText)'")
        #expect(try await database.link(to: "info@ix.test", try database.selfService()).address == "INFO@IX.TEST")
        #expect(try await desk.accounts.find("info@ix.test").id == person.id)
        try await database.setPolicy("protected_domains = '{ix.test}'")
        #expect(try await desk.perform(.issuePIN, on: person).rule == "approval_required")
    }
}
