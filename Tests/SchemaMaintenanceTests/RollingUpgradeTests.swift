import AccountPolicy
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import SchemaMaintenance

/// A program on a schema of the version after its own.
@Suite(.dropsDatabases) struct RollingUpgradeTests {
    private func newerSchema(servesFrom oldest: Int) async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            ALTER TABLE convonet_admin.policy ADD later integer NOT NULL DEFAULT 1;
            ALTER TABLE convonet_admin.installation ADD later text;
            UPDATE convonet_admin.installation SET schema_version = \(SchemaVersion.current + 1), serves_from = \(oldest)
            """)
        return database
    }

    @Test func aSchemaThatOnlyAddsServesTheProgramBefore() async throws {
        let database = try await newerSchema(servesFrom: SchemaVersion.current)
        let session = try await database.session()
        let person = try await session.person()
        #expect(
            try await session.accounts.page(of: AccountSelection(text: person.email), limit: 5).accounts == [person])
        #expect(try await session.accounts.find(person.username) == person)
        #expect(try await session.changes.perform(AccountChange(account: person, action: .issuePIN)).outcome == .done)
        #expect(try await session.accounts.history(of: person.id).count == 1)
        let auditor = try await database.session(.auditor)
        #expect(try await auditor.audit.newest(limit: 5).count == 1)
        #expect(try await auditor.audit.verify().problem == nil)
        #expect(try await database.selfService().policy().policy.approvalMinutes == 15)
        await #expect(throws: AdminError.schemaNewer(found: SchemaVersion.current + 1, known: SchemaVersion.current)) {
            try await Migrator(try database.pool()).plan(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        }
    }

    @Test func oneThatDoesNotServeItIsRefused() async throws {
        let database = try await newerSchema(servesFrom: SchemaVersion.current + 1)
        let error = AdminError.schemaNewer(found: SchemaVersion.current + 1, known: SchemaVersion.current)
        await #expect(throws: error) { try await database.session() }
        await #expect(throws: error) { try await database.selfService().policy() }
    }

    @Test func anOlderOneIsSaidToBeSo() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            DROP FUNCTION convonet_admin.self_serves_from();
            ALTER TABLE convonet_admin.installation DROP serves_from;
            UPDATE convonet_admin.installation SET schema_version = \(SchemaVersion.current - 1)
            """)
        let error = AdminError.schemaOlder(found: SchemaVersion.current - 1, needed: SchemaVersion.current)
        await #expect(throws: error) { try await database.session() }
        await #expect(throws: error) { try await database.selfService().policy() }
    }
}
